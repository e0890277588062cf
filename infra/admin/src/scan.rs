use crate::{failure::Failure, progress::Progress};
use dynamo::{Dynamo, Row};
use futures_util::future::try_join_all;

/// Parts of a table that are read at the same time.
const PARTS: i32 = 4;

/// Reads some attributes of every row of a table, in several parts at the same time, and passes each row on.
///
/// # Errors
/// When a part cannot be read.
pub async fn scan(
    dynamo: &Dynamo,
    table: &'static str,
    attributes: &[&str],
    row: impl Fn(Row) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let progress = Progress::of(table);
    let part = async |number| {
        // Placeholders, because some names are reserved words in DynamoDB's expressions.
        let names = attributes.iter().enumerate().map(|(index, name)| (format!("#a{index}"), (*name).to_owned()));
        let projection: Vec<_> = (0..attributes.len()).map(|index| format!("#a{index}")).collect();
        let scan = dynamo.client().scan().table_name(dynamo.table(table)).segment(number).total_segments(PARTS);
        let scan =
            scan.projection_expression(projection.join(", ")).set_expression_attribute_names(Some(names.collect()));
        let mut pages = scan.into_paginator().send();
        while let Some(page) = pages.next().await {
            let rows = page.map_err(dynamo::Error::from)?.items.unwrap_or_default();
            progress.add(rows.len());
            rows.into_iter().try_for_each(&row)?;
        }
        Ok::<_, Failure>(())
    };
    try_join_all((0..PARTS).map(part)).await?;
    Ok(())
}
