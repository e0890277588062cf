use crate::{Endpoint, Error, Fault, Refusal, discovery::Discovery, http::Calls, settings::Settings};
use oauth2::{
    AccessToken, AsyncHttpClient, AuthorizationCode, Client, HttpRequest, HttpResponse, PkceCodeVerifier, RedirectUrl,
    RefreshToken, RequestTokenError, Scope, StandardRevocableToken, TokenResponse, TokenUrl,
    basic::{
        BasicErrorResponse, BasicErrorResponseType, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse,
        BasicTokenType,
    },
};
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, fmt, pin::Pin, time::Duration};
use url::Url;

/// The client of RFC 6749, with the token response of OpenID Connect.
pub type OAuth = Client<
    BasicErrorResponse,
    OpenId,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
>;

/// The part of a token response that we use (OpenID Connect Core 3.1.3.3). The rest is not even read: some providers
/// write `expires_in` as a string, or omit `token_type` where there is only one.
#[derive(Deserialize, Serialize)]
pub struct OpenId {
    access_token: AccessToken,
    #[serde(default = "bearer")]
    token_type: BasicTokenType,
    id_token: String,
}

impl TokenResponse for OpenId {
    type TokenType = BasicTokenType;

    fn access_token(&self) -> &AccessToken {
        &self.access_token
    }

    fn token_type(&self) -> &BasicTokenType {
        &self.token_type
    }

    fn expires_in(&self) -> Option<Duration> {
        None
    }

    fn refresh_token(&self) -> Option<&RefreshToken> {
        None
    }

    fn scopes(&self) -> Option<&Vec<Scope>> {
        None
    }
}

impl fmt::Debug for OpenId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("OpenId(…)")
    }
}

impl OpenId {
    pub fn id_token(&self) -> &str {
        &self.id_token
    }
}

/// Exchanges a code for tokens (OpenID Connect Core 3.1.3.1), once: a code that may have arrived is never sent again.
///
/// # Errors
/// [`Refusal::Code`] when the provider does not accept the code; [`Error::Failed`] for any other answer that is not a
/// token response, including a token of a type other than `Bearer` (Core 3.1.3.3).
pub async fn exchange(
    calls: &Calls,
    settings: &Settings,
    discovery: &Discovery,
    code: &str,
    verifier: &str,
    redirect_uri: &Url,
) -> Result<OpenId, Error> {
    let client = OAuth::new(settings.client_id.clone())
        .set_client_secret(settings.client_secret.clone())
        .set_auth_type(discovery.auth_type())
        .set_token_uri(TokenUrl::from_url(discovery.token_endpoint.clone()));
    let tokens = client
        .exchange_code(AuthorizationCode::new(code.to_owned()))
        .set_pkce_verifier(PkceCodeVerifier::new(verifier.to_owned()))
        .set_redirect_uri(Cow::Owned(RedirectUrl::from_url(redirect_uri.clone())))
        .request_async(&Post(calls))
        .await
        .map_err(failed)?;
    if !tokens.token_type().as_ref().eq_ignore_ascii_case("bearer") {
        return Err(Fault::Malformed.at(Endpoint::Token));
    }
    Ok(tokens)
}

/// Sends requests to the token endpoint.
struct Post<'a>(&'a Calls);

fn bearer() -> BasicTokenType {
    BasicTokenType::Bearer
}

impl<'c> AsyncHttpClient<'c> for Post<'_> {
    type Error = Fault;
    // Boxed: a handler's future must be `Send` for every lifetime of this borrow, which only a named type can express.
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Fault>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.0.post(request))
    }
}

/// The error for an unsuccessful exchange. The answer itself is dropped: it may hold tokens, and repeat what we sent.
fn failed(error: RequestTokenError<Fault, BasicErrorResponse>) -> Error {
    use BasicErrorResponseType as Type;
    let fault = match error {
        RequestTokenError::ServerResponse(answer) => match answer.error() {
            Type::InvalidGrant => return Refusal::Code.into(),
            Type::InvalidClient => Fault::Client("invalid_client"),
            Type::InvalidRequest => Fault::Client("invalid_request"),
            Type::InvalidScope => Fault::Client("invalid_scope"),
            Type::UnauthorizedClient => Fault::Client("unauthorized_client"),
            Type::UnsupportedGrantType => Fault::Client("unsupported_grant_type"),
            Type::Extension(_) => Fault::Client("an error of its own"),
        },
        RequestTokenError::Request(fault) => fault,
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => Fault::Malformed,
    };
    fault.at(Endpoint::Token)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;

    #[test]
    fn debug_shows_no_token() {
        let tokens = r#"{"access_token":"SECRET","token_type":"Bearer","id_token":"SECRET"}"#;
        assert_eq!(format!("{:?}", json::parse::<OpenId>(tokens.as_bytes()).unwrap()), "OpenId(…)");
    }
}
