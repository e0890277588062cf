use crate::{Clock, Cors, Functions};
use bytes::Bytes;
use edge::{Event2, LARGEST_BODY};
use http::{Request, Response};
use http_body_util::BodyExt;
use hyper::body::{Body, Buf};
use std::{net::IpAddr, pin::pin, time::Duration};
use uuid::Uuid;

/// Between HTTP and the functions, where the gateway is on Lambda.
pub struct Front {
    functions: Functions,
    cors: Cors,
}

/// A request that does not arrive, so that its client gets no answer: the connection is closed.
#[derive(Debug, thiserror::Error)]
pub enum Unread {
    /// The client stopped sending.
    #[error("the body of a request did not arrive in time")]
    Late,
    /// The connection broke, or what came is not HTTP.
    #[error("the body of a request broke off")]
    Broken,
    /// The request has no form as an event.
    #[error("a request cannot be written as an event")]
    Unwritable,
}

impl Front {
    /// These functions, for pages of these origins.
    pub fn new(functions: Functions, cors: Cors) -> Self {
        Self { functions, cors }
    }

    /// The functions.
    pub fn functions(&self) -> &Functions {
        &self.functions
    }

    /// Answers a request that came from `peer`, and whose body may take `limit` to arrive.
    ///
    /// # Errors
    /// [`Unread`] when the request does not arrive.
    pub async fn answer<B: Body>(
        &self,
        request: Request<B>,
        peer: IpAddr,
        limit: Duration,
        clock: Clock,
    ) -> Result<Response<Bytes>, Unread> {
        let (head, body) = request.into_parts();
        if let Some(answer) = self.cors.preflight(&head) {
            return Ok(answer);
        }
        let body = tokio::time::timeout(limit, read(body)).await.map_err(|_| Unread::Late)??;
        let id = Uuid::now_v7().to_string();
        let event = Event2::of_request(&head, &body, peer.to_canonical(), &id).ok_or(Unread::Unwritable)?;
        let function = self.functions.of(&head.method, head.uri.path());
        let answer = function.respond(event, clock()).await;
        Ok(self.cors.dress(&head, answer.into()))
    }
}

/// A body, or so much of it that the function which gets it sees that it is too large.
async fn read<B: Body>(body: B) -> Result<Vec<u8>, Unread> {
    let mut body = pin!(body);
    let mut bytes = Vec::new();
    while bytes.len() <= LARGEST_BODY {
        let Some(frame) = body.frame().await else { break };
        let Ok(mut data) = frame.map_err(|_| Unread::Broken)?.into_data() else { continue };
        while data.has_remaining() && bytes.len() <= LARGEST_BODY {
            let chunk = data.chunk();
            let taken = chunk.len().min(LARGEST_BODY + 1 - bytes.len());
            bytes.extend_from_slice(&chunk[..taken]);
            data.advance(taken);
        }
    }
    Ok(bytes)
}
