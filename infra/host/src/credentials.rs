use aws_config::{
    default_provider::credentials::DefaultCredentialsChain, identity::IdentityCache, provider_config::ProviderConfig,
};
use aws_sdk_dynamodb::config::SharedCredentialsProvider;
use dynamo::SdkConfig;
use environment::Environment;

/// The base of every AWS client. Unlike a function, the host finds its credentials wherever a platform puts them: variables,
/// profiles, the token of a workload's identity, ECS, EC2 (the SDK's default chain). They are asked for over the same
/// connections as everything else, and kept until they expire. Without a region nothing can be asked, so that is a fault.
pub(crate) async fn sdk_config(environment: &mut Environment) -> SdkConfig {
    let shared = dynamo::sdk_config_without_credentials(environment).await;
    if shared.region().is_none() {
        environment.fault("AWS_REGION", "is missing");
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
