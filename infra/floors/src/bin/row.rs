//! A function that reads one row of DynamoDB, consistently.

use dynamo::{Dynamo, text};
use environment::Environment;
use lambda_http::{Error, Request, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let mut environment = Environment::of_process();
    let aws = dynamo::sdk_config(&mut environment).await;
    let dynamo = &Dynamo::from_environment(&mut environment, &aws);
    let (table, id) = (&dynamo.table("sessions"), &std::env::var("FLOOR_ROW")?);
    lambda_http::run(service_fn(async |_: Request| {
        let get = dynamo.client().get_item().table_name(table).consistent_read(true);
        let row = get.key("session_id", text(id)).send().await?.item.ok_or("no such row")?;
        Ok::<_, Error>(row.len().to_string())
    }))
    .await
}
