use crate::{
    Jwk,
    key::{SigningKey, purge_at},
    schedule::Term,
    wrap::Wrap,
};
use aws_sdk_dynamodb::{operation::scan::builders::ScanFluentBuilder, types::Select};
use dynamo::{Dynamo, Error, Row, held, moment, number, text};
use jiff::{Timestamp, fmt::serde::timestamp::millisecond};
use serde::Deserialize;

const TABLE: &str = "signing_keys";

/// The table of signing keys: a few rows, always read completely and consistently.
#[derive(Clone)]
pub(crate) struct Store(Dynamo);

/// The public part of a row.
#[derive(Deserialize)]
pub(crate) struct Published {
    pub period: String,
    pub public_jwk: Jwk,
    #[serde(with = "millisecond::required")]
    pub leaves_at: Timestamp,
}

/// A row without both halves of its key.
#[derive(Clone, Deserialize)]
pub(crate) struct Named {
    pub kid: String,
    #[serde(flatten)]
    pub term: Term,
}

impl Store {
    pub fn new(dynamo: Dynamo) -> Self {
        Self(dynamo)
    }

    /// The name of the table.
    pub fn table(&self) -> String {
        self.0.table(TABLE)
    }

    /// Every key with its secret, as it is stored.
    pub async fn keys(&self) -> Result<Vec<SigningKey>, Error> {
        self.rows(self.scan()).await?.into_iter().map(|row| dynamo::decode(TABLE, row)).collect()
    }

    /// Every key without its secret, which never leaves DynamoDB: the caller needs no permission to read it.
    pub async fn published(&self) -> Result<Vec<Published>, Error> {
        let public = self
            .scan()
            .select(Select::SpecificAttributes)
            .projection_expression("#period, public_jwk, leaves_at")
            .expression_attribute_names("#period", "period");
        self.rows(public).await?.into_iter().map(|row| dynamo::decode(TABLE, row)).collect()
    }

    /// Every key's name and moments, without its secret.
    pub async fn named(&self) -> Result<Vec<Named>, Error> {
        let named = self
            .scan()
            .select(Select::SpecificAttributes)
            .projection_expression("#period, kid, created_at, signs_from, signs_until, leaves_at")
            .expression_attribute_names("#period", "period");
        self.rows(named).await?.into_iter().map(|row| dynamo::decode(TABLE, row)).collect()
    }

    /// Ends a key as `term` says. A key that is gone, was replaced, or already ends sooner is left alone. An ending
    /// only moves to an earlier time; otherwise a key that was withdrawn meanwhile would be published again.
    pub async fn end(&self, kid: &str, term: &Term) -> Result<(), Error> {
        let update = self.0.client().update_item().table_name(self.0.table(TABLE)).key("period", text(&term.period));
        let update = update
            .update_expression("SET signs_until = :until, leaves_at = :leaves, purge_at = :purge")
            .condition_expression("kid = :kid AND leaves_at >= :leaves")
            .expression_attribute_values(":kid", text(kid))
            .expression_attribute_values(":until", moment(term.signs_until))
            .expression_attribute_values(":leaves", moment(term.leaves_at))
            .expression_attribute_values(":purge", number(purge_at(term)));
        held(update.send().await).map(|_| ())
    }

    /// Adds a new key if its period has none. A rival's key stays, so the caller has to read the keys again.
    pub async fn add(&self, term: Term, wrap: &Wrap) -> Result<(), crate::Error> {
        let key = wrap.close(SigningKey::generate(term)?, &self.table()).await?;
        let put = self
            .0
            .client()
            .put_item()
            .table_name(self.0.table(TABLE))
            .set_item(Some(dynamo::encode(TABLE, &key)?))
            .condition_expression("attribute_not_exists(#period)")
            .expression_attribute_names("#period", "period");
        if held(put.send().await)?.is_some() {
            let Term { period, signs_from, .. } = &key.term;
            tracing::info!(kid = key.kid, period, %signs_from, key.wrapped_by, "made a signing key");
        }
        Ok(())
    }

    fn scan(&self) -> ScanFluentBuilder {
        self.0.client().scan().table_name(self.0.table(TABLE)).consistent_read(true)
    }

    async fn rows(&self, scan: ScanFluentBuilder) -> Result<Vec<Row>, Error> {
        Ok(scan.into_paginator().items().send().try_collect().await?)
    }
}
