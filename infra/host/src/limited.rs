use crate::Limits;
use futures_util::task::AtomicWaker;
use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Sleep, sleep},
};

/// Whose turn it is on a connection: the client's while the number is even, the host's while it is odd.
#[derive(Clone, Debug, Default)]
pub(crate) struct Turn(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    number: AtomicUsize,
    /// The connection, if it did not begin to wait for the client because it was the host's turn.
    waiting: AtomicWaker,
}

impl Turn {
    /// A request has come, or its answer is ready.
    pub fn pass(&self) {
        self.0.number.fetch_add(1, Ordering::Relaxed);
        self.0.waiting.wake();
    }

    fn number(&self) -> usize {
        self.0.number.load(Ordering::Relaxed)
    }
}

/// A connection on which a client that does not send or take what is due is not waited for. How long a body takes is not
/// measured here.
pub(crate) struct Limited {
    stream: TcpStream,
    limits: Limits,
    turn: Turn,
    /// The last turn in which the client sent something.
    heard: Option<usize>,
    /// The wait for the client to send, in this turn and state.
    reading: Option<(Awaited, Pin<Box<Sleep>>)>,
    /// The wait for the client to take what is sent.
    writing: Option<Pin<Box<Sleep>>>,
}

/// What is waited for: the turn, and whether the client has begun to send in it.
type Awaited = (usize, bool);

impl Limited {
    pub fn new(stream: TcpStream, limits: Limits, turn: Turn) -> Self {
        Self { stream, limits, turn, heard: None, reading: None, writing: None }
    }

    /// How long this may be waited for; `None`: it is the host's turn.
    fn limit(&self, (turn, has_begun): Awaited) -> Option<Duration> {
        match turn {
            _ if turn % 2 == 1 => None,
            0 => Some(self.limits.head),
            _ if has_begun => Some(self.limits.head),
            _ => Some(self.limits.idle),
        }
    }

    /// Waits for the client to send, as long as it may be waited for.
    fn poll_late(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let turn = self.turn.number();
        let awaited = (turn, self.heard == Some(turn));
        let Some(limit) = self.limit(awaited) else {
            self.reading = None;
            self.turn.0.waiting.register(context.waker());
            return Poll::Pending;
        };
        if self.reading.as_ref().is_none_or(|(other, _)| *other != awaited) {
            self.reading = Some((awaited, Box::pin(sleep(limit))));
        }
        let Some((_, wait)) = &mut self.reading else { return Poll::Pending };
        ready!(wait.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }

    /// The result of a write; after it was waited for long enough, an error.
    fn written(&mut self, result: Poll<io::Result<usize>>, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if result.is_ready() {
            self.writing = None;
            return result;
        }
        let limit = self.limits.write;
        ready!(self.writing.get_or_insert_with(|| Box::pin(sleep(limit))).as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Limited {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        match Pin::new(&mut self.stream).poll_read(context, buffer) {
            Poll::Ready(read) => {
                if buffer.filled().len() > before {
                    self.heard = Some(self.turn.number());
                }
                Poll::Ready(read)
            }
            Poll::Pending => self.poll_late(context),
        }
    }
}

impl AsyncWrite for Limited {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.written(written, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.written(written, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
