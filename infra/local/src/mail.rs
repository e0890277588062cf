//! The local mail server, which delivers no mail, and the calls of the function that sends mails.

use crate::{
    failure::Failure,
    gateway::Functions,
    node::Program,
    settings::{Settings, mail_server},
    stores,
    workspace::Workspace,
};
use jiff::Timestamp;
use outbox::Outbox;
use stand::Tether;
use std::{path::Path, time::Duration};

/// Names the part for the person at the terminal.
pub const WHAT: &str = "the local mail server";

/// The function that sends mails.
const MAILER: &str = "mailer";

/// How often the outbox is checked. In a deployment its stream calls the function.
const PAUSE: Duration = Duration::from_millis(300);

/// Starts the mail server and waits until its page answers. The page is two ports after the gateway's, the server
/// itself on the next one. Nothing is started if the caller has named another server.
///
/// # Errors
/// As [`Program::start`].
pub async fn start(root: &Path, port: u16, settings: &Settings) -> Result<Option<Tether>, Failure> {
    if !is_wanted(port, settings) {
        return Ok(None);
    }
    let ports = [port + 2, port + 3].map(|port| port.to_string());
    let program = Program {
        what: WHAT,
        directory: "mail",
        package: "smtp-server",
        arguments: &["mail.mjs", &ports[0], &ports[1]],
        port: port + 2,
        path: "/mails",
    };
    program.start(root, settings).await.map(Some)
}

/// Whether the settings lead to our mail server.
pub fn is_wanted(port: u16, settings: &Settings) -> bool {
    settings.get("SMTP_URL") == Some(&mail_server(port))
}

/// Where the mails are shown.
pub fn page(port: u16) -> String {
    format!("http://localhost:{}", port + 2)
}

/// Calls the function that sends mails whenever a mail is due. Returns only if there can be no client of the store; if
/// there is no such function, it never returns.
///
/// # Errors
/// When there is no client of the store.
pub async fn send(functions: &Functions, workspace: &Workspace, settings: &Settings) -> Result<(), Failure> {
    if !workspace.unrouted.iter().any(|function| function == MAILER) {
        return std::future::pending().await;
    }
    let outbox = Outbox::new(stores::dynamo(settings).await?);
    loop {
        // If a store or a function fails for a moment, it is asked again; both report the cause themselves.
        if outbox.due(Timestamp::now()).await.is_ok_and(|due| !due.is_empty()) {
            // With an empty event, like the schedule's.
            drop(functions.invoke(MAILER, "{}").await);
        }
        tokio::time::sleep(PAUSE).await;
    }
}
