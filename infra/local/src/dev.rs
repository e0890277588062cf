use crate::{
    accounts,
    certificate::Certificate,
    failure::Failure,
    front::Front,
    gateway::{self, Functions, Gateway},
    greeting::{DEMO, Greeting, say},
    host,
    life::Lives,
    lock::Lock,
    mail, node,
    output::Output,
    ports,
    programs::Programs,
    provider, revocations,
    settings::{self, Settings},
    stop::Stop,
    stores::Stores,
    workspace::{Workspace, cargo},
};
use jiff::Timestamp;
use std::{
    io::PipeWriter,
    path::{Path, PathBuf},
};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// The options of `local dev`.
#[derive(clap::Args)]
pub struct Options {
    /// Port of the gateway; the three after it are for the OpenID Connect provider and for mail.
    #[arg(long, env = "PORT", default_value_t = 9000, value_parser = clap::value_parser!(u16).range(1..=65_532))]
    port: u16,
    /// Directory of everything that is kept between runs.
    #[arg(long, default_value = ".local")]
    data: PathBuf,
    /// Serve https, with a certificate that is kept in the data directory.
    #[arg(long, env = "HTTPS", value_parser = clap::builder::FalseyValueParser::new(), conflicts_with = "host")]
    https: bool,
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
    let mut settings = Settings::of_process();
    settings.complete(options.port, options.https);
    let here = settings::here(options.port, options.https);
    let _lock = Lock::take(&data, &format!("at {here} (process {})", std::process::id()))?;
    settings.judge()?;
    let mails = mail::is_wanted(options.port, &settings);
    ports::check(options.port, provider::is_wanted(options.port, &settings), mails)?;
    let certificate = options.https.then(|| Certificate::of(&data));
    let tls = certificate.as_ref().map(|certificate| certificate.acceptor(now)).transpose()?;

    let _stores = Stores::start(&data, !options.no_redis, &mut settings).await?;
    accounts::add(&settings, &DEMO, now).await?;
    let settings_file = data.join("env");
    settings.write(&settings_file)?;

    let programs = programs(options, &workspace, data);
    if programs.is_stale() {
        say("Building the functions.");
    }
    programs.build().await?;
    let mail = mail::start(&workspace.root, options.port, &settings).await?;
    let provider = provider::start(&workspace.root, options.port, &settings).await?;
    let (output, writer) = Output::new()?;
    let greeting = Greeting {
        data: &options.data,
        settings: &settings,
        mails: mails.then(|| mail::page(options.port)),
        certificate: certificate.map(|certificate| certificate.path()),
    };
    let parts = Parts { options, workspace: &workspace, programs: &programs, settings: &settings, output: &output };
    let served = async {
        match options.host {
            true => parts.by_host(writer, &greeting).await,
            false => parts.by_gateway(writer, tls, &settings_file, &greeting).await,
        }
    };
    let failed = tokio::select! {
        failed = served => failed,
        never = output.carry() => match never {},
        failure = node::over(provider.as_ref(), provider::WHAT) => Err(failure),
        failure = node::over(mail.as_ref(), mail::WHAT) => Err(failure),
    };
    output.show();
    failed
}

/// What is built for these options.
fn programs(options: &Options, workspace: &Workspace, data: PathBuf) -> Programs {
    let functions = workspace.routes.keys().chain(&workspace.unrouted).cloned();
    let names = if options.host { vec![host::NAME.to_owned()] } else { functions.collect() };
    Programs { cargo: cargo(), root: workspace.root.clone(), target: workspace.target.clone(), data, names }
}

/// What the functions run with.
struct Parts<'a> {
    options: &'a Options,
    workspace: &'a Workspace,
    programs: &'a Programs,
    settings: &'a Settings,
    output: &'a Output,
}

impl Parts<'_> {
    /// Each function behind `cargo lambda watch`, with what calls those without a route. Returns only with a failure.
    async fn by_gateway(
        &self,
        writer: PipeWriter,
        tls: Option<TlsAcceptor>,
        settings_file: &Path,
        greeting: &Greeting<'_>,
    ) -> Result<(), Failure> {
        let Self { options, workspace, programs, settings, output } = self;
        let listener = TcpListener::bind(("127.0.0.1", options.port)).await;
        let listener = listener.map_err(|source| Failure::Program { program: "the front".to_owned(), source })?;
        let functions = Functions { port: ports::free()?, lives: Lives::of(&programs.data) };
        functions.lives.forget()?;
        let streams = revocations::listen(workspace, settings).await?;
        let gateway = Gateway {
            program: options.cargo_lambda.clone(),
            port: functions.port,
            programs,
            settings_file,
            reload: !options.no_reload,
            concurrency: options.concurrency,
        };
        let watch = gateway.start(settings, writer.into()).await?;
        let front = Front { cors: settings.cors()?, gateway: functions.port, tls };
        let greeted = async {
            let silent = functions.warm(workspace).await;
            if silent.is_empty() {
                output.pass();
            } else {
                output.show();
            }
            for function in silent {
                say(&format!("The function {function} does not answer; its output is above."));
            }
            say(&greeting.text());
            tokio::select! {
                failed = mail::send(&functions, workspace, settings) => failed,
                never = revocations::forward(&functions, streams, options.tell_again_after) => match never {},
            }
        };
        let followed = async {
            match options.no_reload {
                true => std::future::pending().await,
                false => programs.follow().await,
            }
        };
        tokio::select! {
            biased;
            () = watch.over() => Err(Failure::Child(gateway::WHAT)),
            failed = greeted => failed,
            never = front.serve(listener) => match never {},
            never = followed => match never {},
        }
    }

    /// All functions in one program. Returns only with a failure.
    async fn by_host(&self, writer: PipeWriter, greeting: &Greeting<'_>) -> Result<(), Failure> {
        let host = host::start(self.programs, self.options.port, self.settings, writer.into()).await?;
        self.output.pass();
        say(&greeting.text());
        host.over().await;
        Err(Failure::Child(host::WHAT))
    }
}

fn directory(data: &Path) -> Result<PathBuf, Failure> {
    std::fs::create_dir_all(data).and_then(|()| data.canonicalize()).map_err(Failure::file(data))
}
