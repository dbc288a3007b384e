//! reqwest on tokio's current-thread runtime.

use std::sync::Arc;

use client_contract::{Budget, Measurement, Options};
use reqwest::Client;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let options = Arc::new(Options::from_args());
    let client = Client::new();
    run(&client, &options, options.warmup).await;
    let measurement = Measurement::begin();
    run(&client, &options, options.requests).await;
    measurement.report(options.requests);
}

async fn run(client: &Client, options: &Arc<Options>, requests: u64) {
    let budget = Arc::new(Budget::new(requests));
    let worker = || {
        let (client, options, budget) = (client.clone(), Arc::clone(options), Arc::clone(&budget));
        tokio::spawn(async move {
            while budget.take() {
                let response = client.get(&options.url).send().await.expect("it answers");
                assert_eq!(response.status(), 200);
                let body = response.bytes().await.expect("it has a body");
                assert_eq!(body.len(), options.body);
            }
        })
    };
    let workers: Vec<_> = (0..options.concurrency).map(|_| worker()).collect();
    for worker in workers {
        worker.await.expect("no worker panics");
    }
}
