use aws_config::{
    default_provider::credentials::DefaultCredentialsChain, identity::IdentityCache, provider_config::ProviderConfig,
};
use aws_sdk_dynamodb::config::{Region, SharedCredentialsProvider};
use dynamo::SdkConfig;
use environment::{Environment, web_url};

/// For requests to a DynamoDB that has no regions: the SDK cannot sign without one.
const ANY_REGION: Region = Region::from_static("us-east-1");

/// The base of every AWS client. Unlike a function, the host finds its credentials wherever a platform puts them: variables,
/// profiles, the token of a workload's identity, ECS, EC2 (the SDK's default chain). They are asked for over the same
/// connections as everything else, and kept until they expire. Without a region Amazon cannot be asked, so that is a fault.
/// A DynamoDB that is not Amazon's needs none.
pub(crate) async fn sdk_config(environment: &mut Environment) -> SdkConfig {
    let mut shared = dynamo::sdk_config_without_credentials(environment).await;
    if shared.region().is_none() {
        match environment.optional("AWS_ENDPOINT_URL_DYNAMODB", web_url) {
            Some(_) => shared = shared.into_builder().region(ANY_REGION).build(),
            None => environment.fault("AWS_REGION", "is missing"),
        }
    }
    let mut provider = ProviderConfig::default();
    if let Some(client) = shared.http_client() {
        provider = provider.with_http_client(client);
    }
    let region = shared.region().cloned();
    let chain = DefaultCredentialsChain::builder().configure(provider).region(region).build().await;
    let cache = IdentityCache::lazy().build();
    shared.into_builder().credentials_provider(SharedCredentialsProvider::new(chain)).identity_cache(cache).build()
}
