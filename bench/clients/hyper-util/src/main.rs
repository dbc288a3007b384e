//! hyper-util's legacy client on tokio's current-thread runtime.

use std::sync::Arc;

use bytes::Bytes;
use client_contract::{Budget, Measurement, Options};
use http_body_util::{BodyExt, Empty};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;

type Legacy = Client<HttpConnector, Empty<Bytes>>;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let options = Arc::new(Options::from_args());
    let client: Legacy = Client::builder(TokioExecutor::new()).build_http();
    run(&client, &options, options.warmup).await;
    let measurement = Measurement::begin();
    run(&client, &options, options.requests).await;
    measurement.report(options.requests);
}

async fn run(client: &Legacy, options: &Arc<Options>, requests: u64) {
    let budget = Arc::new(Budget::new(requests));
    let worker = || {
        let (client, options, budget) = (client.clone(), Arc::clone(options), Arc::clone(&budget));
        tokio::spawn(async move {
            while budget.take() {
                // As a user would: the URL is text.
                let url = options.url.parse().expect("it is a URL");
                let response = client.get(url).await.expect("it answers");
                assert_eq!(response.status(), 200);
                let body = response.into_body().collect().await.expect("it has a body");
                assert_eq!(body.to_bytes().len(), options.body);
            }
        })
    };
    let workers: Vec<_> = (0..options.concurrency).map(|_| worker()).collect();
    for worker in workers {
        worker.await.expect("no worker panics");
    }
}
