//! Interceptors between a client and DynamoDB: a listener and a gate.

use aws_sdk_dynamodb::{
    config::{
        ConfigBag, Intercept, RuntimeComponents,
        interceptors::{AfterDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextRef},
    },
    error::BoxError,
    operation::scan::ScanOutput,
};
use std::{
    mem,
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, Sender, channel},
    },
};

/// The operation's name; an eventually consistent read counts as a different operation.
fn operation(context: &BeforeTransmitInterceptorContextRef<'_>) -> String {
    let body = String::from_utf8_lossy(context.request().body().bytes().unwrap_or_default());
    let target = context.request().headers().get("x-amz-target").unwrap_or_default();
    match target.rsplit('.').next().unwrap_or_default() {
        "Scan" if !body.contains(r#""ConsistentRead":true"#) => "stale Scan".to_owned(),
        operation => operation.to_owned(),
    }
}

/// The operations sent to DynamoDB and the names of the attributes its scans returned, in order.
#[derive(Clone, Debug, Default)]
pub struct Calls {
    operations: Arc<Mutex<Vec<String>>>,
    attributes: Arc<Mutex<Vec<String>>>,
}

impl Calls {
    /// The operations since the last time.
    pub fn take_operations(&self) -> Vec<String> {
        mem::take(&mut self.operations.lock().expect("a lock"))
    }

    /// The attributes read since the last time, each once, sorted.
    pub fn take_attributes(&self) -> Vec<String> {
        let mut names = mem::take(&mut *self.attributes.lock().expect("a lock"));
        names.sort();
        names.dedup();
        names
    }
}

impl Intercept for Calls {
    fn name(&self) -> &'static str {
        "calls"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.operations.lock().expect("a lock").push(operation(context));
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(scan) = context.output_or_error().ok().and_then(|output| output.downcast_ref::<ScanOutput>()) {
            let names = scan.items().iter().flat_map(|row| row.keys().cloned());
            self.attributes.lock().expect("a lock").extend(names);
        }
        Ok(())
    }
}

/// Holds every call of one operation until the gate is opened, and its thread too.
#[derive(Debug)]
pub struct Gate {
    operation: &'static str,
    reached: Sender<()>,
    opened: Mutex<Receiver<()>>,
}

impl Gate {
    /// The gate; the receiver that learns that a call waits at it; and the sender that opens it for good when dropped.
    pub fn before(operation: &'static str) -> (Self, Receiver<()>, Sender<()>) {
        let ((reached, waits), (open, opened)) = (channel(), channel());
        (Self { operation, reached, opened: Mutex::new(opened) }, waits, open)
    }
}

impl Intercept for Gate {
    fn name(&self) -> &'static str {
        "gate"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if operation(context) == self.operation {
            // Either end may be gone already: no test listens any more, or the gate is open.
            self.reached.send(()).ok();
            self.opened.lock().expect("a lock").recv().ok();
        }
        Ok(())
    }
}
