use crate::{
    accounts,
    failure::Failure,
    gateway::{self, Gateway},
    greeting::{DEMO, greeting, say},
    host,
    lock::Lock,
    mail, node, ports, provider, revocations,
    settings::Settings,
    stop::Stop,
    stores::Stores,
    workspace::Workspace,
};
use jiff::Timestamp;
use std::path::{Path, PathBuf};

/// The options of `local dev`.
#[derive(clap::Args)]
pub struct Options {
    /// Port of the gateway; the three after it are for the OpenID Connect provider and for mail.
    #[arg(long, env = "PORT", default_value_t = 9000, value_parser = clap::value_parser!(u16).range(1..=65_532))]
    port: u16,
    /// Directory of everything that is kept between runs.
    #[arg(long, default_value = ".local")]
    data: PathBuf,
    /// Run all functions in one program, `host`, instead of each behind cargo-lambda.
    #[arg(long)]
    host: bool,
    /// Do not restart the functions when a file changes.
    #[arg(long)]
    no_reload: bool,
    /// Run without Redis, only on DynamoDB.
    #[arg(long)]
    no_redis: bool,
    /// Processes that a function may have at the same time.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=64))]
    concurrency: u16,
    /// Seconds after which the function that follows the streams gets the record of each ended session again.
    #[arg(long, env = "TELL_AGAIN_AFTER", default_value_t = 20)]
    tell_again_after: u16,
    /// End when standard input does, so that the program that started this cannot leave it behind.
    #[arg(long)]
    until_stdin_closes: bool,
    /// The program cargo-lambda.
    #[arg(long, env = "CARGO_LAMBDA", default_value = ".local/tools/bin/cargo-lambda")]
    cargo_lambda: PathBuf,
}

/// Runs the API until it is asked to end.
///
/// # Errors
/// When a part cannot be started, or ends by itself. All parts are ended in that case too.
pub async fn run(options: Options, now: Timestamp) -> Result<(), Failure> {
    let stop = Stop::listen(options.until_stdin_closes)?;
    tokio::select! {
        failed = serve(&options, now) => failed,
        () = stop.asked() => {
            say("\nEnding.");
            Ok(())
        }
    }
}

/// Returns only with a failure. The parts end in the reverse of the order in which they are started here.
async fn serve(options: &Options, now: Timestamp) -> Result<(), Failure> {
    let workspace = Workspace::find()?;
    let data = directory(&options.data)?;
    let _lock = Lock::take(&data, &format!("at http://localhost:{} (process {})", options.port, std::process::id()))?;
    let mut settings = Settings::of_process();
    settings.complete(options.port);
    settings.judge()?;
    let mails = mail::is_wanted(options.port, &settings);
    ports::check(options.port, provider::is_wanted(options.port, &settings), mails)?;

    let _stores = Stores::start(&data, !options.no_redis, &mut settings).await?;
    accounts::add(&settings, &DEMO, now).await?;
    let settings_file = data.join("env");
    settings.write(&settings_file)?;

    say("Building the functions.");
    gateway::build(&workspace.root).await?;
    let mail = mail::start(&workspace.root, options.port, &settings).await?;
    let provider = provider::start(&workspace.root, options.port, &settings).await?;
    let greeting = greeting(&options.data, &settings, mails.then(|| mail::page(options.port)).as_deref());
    let served = async {
        match options.host {
            true => by_host(options, &workspace, &settings, &greeting).await,
            false => by_gateway(options, &workspace, &settings, &settings_file, &greeting).await,
        }
    };
    tokio::select! {
        failed = served => failed,
        failure = node::over(provider.as_ref(), provider::WHAT) => Err(failure),
        failure = node::over(mail.as_ref(), mail::WHAT) => Err(failure),
    }
}

/// Each function behind `cargo lambda watch`, with what calls those without a route. Returns only with a failure.
async fn by_gateway(
    options: &Options,
    workspace: &Workspace,
    settings: &Settings,
    settings_file: &Path,
    greeting: &str,
) -> Result<(), Failure> {
    let streams = revocations::listen(workspace, settings).await?;
    let gateway = Gateway {
        program: options.cargo_lambda.clone(),
        port: options.port,
        settings_file,
        reload: !options.no_reload,
        concurrency: options.concurrency,
    };
    let watch = gateway.start(&workspace.root, settings).await?;
    for function in gateway::warm(options.port, workspace).await {
        say(&format!("The function {function} does not answer; its output is above."));
    }
    say(greeting);
    tokio::select! {
        () = watch.over() => Err(gateway::ended(gateway::WHAT)),
        failed = mail::send(options.port, workspace, settings) => failed,
        never = revocations::forward(options.port, streams, options.tell_again_after) => match never {},
    }
}

/// All functions in one program. Returns only with a failure.
async fn by_host(options: &Options, workspace: &Workspace, settings: &Settings, greeting: &str) -> Result<(), Failure> {
    let host = host::start(workspace, options.port, settings).await?;
    say(greeting);
    host.over().await;
    Err(gateway::ended(host::WHAT))
}

fn directory(data: &Path) -> Result<PathBuf, Failure> {
    std::fs::create_dir_all(data).and_then(|()| data.canonicalize()).map_err(Failure::file(data))
}
