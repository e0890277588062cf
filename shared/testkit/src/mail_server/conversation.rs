use super::{CaughtMail, MailFault, MailStep, Shared};
use std::{io, sync::Arc};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// Runs conversations that belong to the server: they end with it.
pub(super) async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let mut conversations = tokio::task::JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await.expect("a connection");
        let shared = Arc::clone(&shared);
        // A client that leaves in the middle is not an error.
        conversations.spawn(async move { drop(converse(BufReader::new(stream), &shared).await) });
    }
}

async fn converse(mut stream: BufReader<TcpStream>, shared: &Shared) -> io::Result<()> {
    reply(&mut stream, shared, MailStep::Greeting, "220 mail.test").await?;
    let (mut sender, mut recipient) = (String::new(), String::new());
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let line = line.trim_end();
        shared.state().commands.push(line.to_owned());
        let argument = line.split_once(':').map(|(_, rest)| rest.to_owned()).unwrap_or_default();
        match line.split([' ', ':']).next().unwrap_or_default() {
            "EHLO" => {
                let lines = shared.state().extensions.iter().map(|line| format!("250-{line}\r\n")).collect::<String>();
                let text = format!("250-mail.test\r\n{lines}250 8BITMIME");
                reply(&mut stream, shared, MailStep::Hello, &text).await?;
            }
            "AUTH" => reply(&mut stream, shared, MailStep::Authentication, "235 welcome").await?,
            "MAIL" => {
                sender = argument;
                reply(&mut stream, shared, MailStep::Sender, "250 go on").await?;
            }
            "RCPT" => {
                recipient = argument.trim_matches(['<', '>']).to_owned();
                reply(&mut stream, shared, MailStep::Recipient, "250 go on").await?;
            }
            "DATA" => {
                reply(&mut stream, shared, MailStep::Data, "354 go on").await?;
                let source = read_mail(&mut stream).await?;
                let mail = CaughtMail { sender: sender.clone(), recipient: recipient.clone(), source };
                take(&mut stream, shared, mail).await?;
            }
            "QUIT" => return stream.write_all(b"221 bye\r\n").await,
            _ => stream.write_all(b"502 what?\r\n").await?,
        }
    }
}

async fn read_mail<S: AsyncRead + Unpin>(stream: &mut BufReader<S>) -> io::Result<String> {
    let mut source = String::new();
    loop {
        let start = source.len();
        if stream.read_line(&mut source).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        match &source[start..] {
            ".\r\n" => {
                source.truncate(start);
                return Ok(source);
            }
            line if line.starts_with('.') => drop(source.remove(start)),
            _ => {}
        }
    }
}

async fn take<S: AsyncWrite + Unpin>(stream: &mut S, shared: &Shared, mail: CaughtMail) -> io::Result<()> {
    let fault = shared.fault(MailStep::End);
    if matches!(fault, None | Some(MailFault::LoseAnswer)) {
        shared.state().mails.push(mail);
    }
    answer(stream, fault, "250 taken").await
}

async fn reply<S: AsyncWrite + Unpin>(stream: &mut S, shared: &Shared, step: MailStep, text: &str) -> io::Result<()> {
    answer(stream, shared.fault(step), text).await
}

async fn answer<S: AsyncWrite + Unpin>(stream: &mut S, fault: Option<MailFault>, text: &str) -> io::Result<()> {
    match fault {
        None => stream.write_all(format!("{text}\r\n").as_bytes()).await,
        // As real servers do, with the address that they got.
        Some(MailFault::Refuse(code)) => {
            stream.write_all(format!("{code} no thanks, ada@example.com\r\n").as_bytes()).await
        }
        Some(MailFault::Hang) => std::future::pending().await,
        Some(MailFault::Close | MailFault::LoseAnswer) => Err(io::ErrorKind::ConnectionAborted.into()),
    }
}
