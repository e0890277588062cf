use crate::{SessionId, record::Record};
use ask::{Ask, Insist, late};
use dynamo::Breaker;
use environment::Environment;
use futures_util::future::try_join_all;
use jiff::Timestamp;
use link::{Link, Source};
use place::{FORM, Place};
use redis::{RedisError, RedisResult};
use std::{sync::Mutex, time::Duration};
use tokio::time::timeout;
use trust::Roots;
use written::Written;

mod ask;
mod link;
mod place;
mod written;

/// The hot tier: `session:{id}` holds a [`Record`] as CBOR, or a tombstone. Every command is idempotent and takes well
/// under a second. If the connection fails, the command is repeated on a new one for as long as its time allows. So
/// callers never notice a socket that died while the function was frozen, or a server that closes connections. After
/// Redis has left a command waiting, only tombstones are tried for a few seconds.
pub struct Hot {
    source: Source,
    link: Mutex<Option<Link>>,
    breaker: Breaker,
}

/// What Redis has under a session's key.
pub(crate) enum Look {
    Live(Box<Record>, Duration),
    Tombstone,
    Absent,
    /// Something that another version of this code put there: only that version can read it.
    Foreign,
}

const TOMBSTONE: &[u8] = b"!";

/// The time for the connection that is made before the first request, which waits as long if it has come already.
const AHEAD: Duration = Duration::from_millis(500);

impl Hot {
    /// Reads `REDIS_URL` (absent: there is no Redis) and what [`Roots::from_environment`] reads; faults stay in
    /// `environment`.
    pub fn from_environment(environment: &mut Environment) -> Option<Self> {
        let roots = Roots::from_environment(environment);
        environment.optional("REDIS_URL", |url| Self::at(url, &roots))
    }

    /// The server or cluster at `redis://` or `rediss://` (TLS), with the number of a database or with `cluster=true`
    /// in the query; `roots` vouch for it. The first connection is made when it is needed. A password is never sent
    /// unencrypted to another machine.
    ///
    /// # Errors
    /// When the text is not such a URL. The reason does not repeat the text: it may hold a password.
    pub fn at(url: &str, roots: &Roots) -> Result<Self, &'static str> {
        let source = Source::new(&Place::parse(url)?, roots).map_err(|_| FORM.must)?;
        Ok(Self { source, link: Mutex::new(None), breaker: Breaker::default() })
    }

    /// Connects before a command needs it, if Redis lets it within half a second. Otherwise the first command connects.
    pub(crate) async fn connect(&self) {
        let connected = timeout(AHEAD, self.source.connect()).await;
        match connected.unwrap_or_else(|_| Err(late("Redis did not answer in time"))) {
            Ok(link) => self.replace(Some(link)),
            Err(error) => tracing::warn!(
                error = &error as &dyn std::error::Error,
                "Redis was not reached at the start, the first request tries again"
            ),
        }
    }

    /// One round trip: the record and how long it has left.
    pub(crate) async fn look(&self, id: &SessionId) -> RedisResult<Look> {
        let mut pipeline = redis::pipe();
        pipeline.cmd("GET").arg(key(id)).cmd("PTTL").arg(key(id));
        let (value, left): (Option<Vec<u8>>, i64) = self.ask(&Ask::Pipeline(pipeline), Insist::No).await?;
        match (value.as_deref(), u64::try_from(left)) {
            (Some(TOMBSTONE), _) => Ok(Look::Tombstone),
            // Expired between the two commands.
            (None, _) | (_, Ok(0)) => Ok(Look::Absent),
            (Some(_), Err(_)) if left == -2 => Ok(Look::Absent),
            (Some(_), Err(_)) => Err(malformed("a session without an expiry")),
            (Some(value), Ok(left)) => match Written::read(value) {
                Ok(Written::Record(record)) => Ok(Look::Live(record, Duration::from_millis(left))),
                Ok(Written::Foreign) => Ok(Look::Foreign),
                Err(_) => Err(malformed("a session record that is not one")),
            },
        }
    }

    /// Writes the record, to expire at `until`, if the key holds nothing, not even a tombstone. Returns whether it did.
    pub(crate) async fn keep(&self, id: &SessionId, record: &Record, until: Timestamp) -> RedisResult<bool> {
        let value = Written::write(record).map_err(|_| malformed("a record without a CBOR form"))?;
        let mut set = redis::cmd("SET");
        set.arg(key(id)).arg(value).arg("NX").arg("PXAT").arg(until.as_millisecond());
        let done: Option<String> = self.ask(&Ask::Command(set), Insist::No).await?;
        Ok(done.is_some())
    }

    /// Moves the expiry to `until` unless it is already later. `until` is a moment: a late command neither shortens nor
    /// lengthens the session.
    pub(crate) async fn extend(&self, id: &SessionId, until: Timestamp) -> RedisResult<()> {
        let mut extend = redis::cmd("PEXPIREAT");
        extend.arg(key(id)).arg(until.as_millisecond()).arg("GT");
        self.ask(&Ask::Command(extend), Insist::No).await
    }

    /// Moves the expiry to `until` unless it is already sooner. Redis deletes the copy if `until` is past.
    pub(crate) async fn shorten(&self, id: &SessionId, until: Timestamp) -> RedisResult<()> {
        let mut shorten = redis::cmd("PEXPIREAT");
        shorten.arg(key(id)).arg(until.as_millisecond()).arg("LT");
        self.ask(&Ask::Command(shorten), Insist::Yes).await
    }

    /// Replaces a copy with a tombstone, if there is a copy.
    pub(crate) async fn bury_copy(&self, id: &SessionId, life: Duration) -> RedisResult<()> {
        let life = u64::try_from(life.as_millis()).unwrap_or(u64::MAX);
        let mut set = redis::cmd("SET");
        set.arg(key(id)).arg(TOMBSTONE).arg("XX").arg("PX").arg(life);
        self.ask::<Option<String>>(&Ask::Command(set), Insist::Yes).await.map(drop)
    }

    /// Puts a tombstone under each key, whether or not it holds a copy. These are concurrent single commands: in a
    /// cluster the keys are on different nodes, which one pipeline cannot reach. The first command runs alone, so that
    /// all of them share the one connection it may have to make.
    pub(crate) async fn bury(&self, ids: &[SessionId], life: Duration) -> RedisResult<()> {
        let Some((first, others)) = ids.split_first() else { return Ok(()) };
        let life = u64::try_from(life.as_millis()).unwrap_or(u64::MAX);
        let bury = async |id: &SessionId| {
            let mut set = redis::cmd("SET");
            set.arg(key(id)).arg(TOMBSTONE).arg("PX").arg(life);
            self.ask::<()>(&Ask::Command(set), Insist::Yes).await
        };
        bury(first).await?;
        try_join_all(others.iter().map(bury)).await?;
        Ok(())
    }

    /// Asks for a key that never exists: every client may read it, and in a cluster a node with data has to answer.
    pub(crate) async fn answers(&self) -> RedisResult<()> {
        let mut get = redis::cmd("GET");
        get.arg("session:health");
        self.ask::<Option<String>>(&Ask::Command(get), Insist::Yes).await.map(drop)
    }
}

fn key(id: &SessionId) -> String {
    format!("session:{id}")
}

fn malformed(what: &'static str) -> RedisError {
    (redis::ErrorKind::Parse, what).into()
}
