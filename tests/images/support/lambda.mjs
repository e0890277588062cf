// Runs a function: with its image as its only root directory, and the runtime API that it asks for events.

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { program } from './program.mjs';

const LIMIT = 20_000;

export class Lambda {
  log = '';
  #server;
  #child;
  #waiting = [];
  #replies = new Map();
  #failed;

  // Starts the program of an unpacked image with only `variables` and those that the platform adds.
  static async start(name, image, variables) {
    const lambda = new Lambda();
    lambda.#server = createServer((request, response) => lambda.#serve(request, response)).listen(0, '127.0.0.1');
    await once(lambda.#server, 'listening');
    const env = { ...platform(name, lambda.#server.address().port), ...variables };
    lambda.#child = program(image, env, (text) => (lambda.log += text));
    lambda.#failed = new Promise((_, reject) => {
      lambda.#child.once('exit', (code, signal) => reject(new Error(`${name} ended: ${code ?? signal}`)));
    });
    // No test may be waiting when it ends.
    lambda.#failed.catch(() => {});
    return lambda;
  }

  // The function's answer to an event.
  async invoke(event) {
    const id = randomUUID();
    const reply = new Promise((resolve, reject) => this.#replies.set(id, { resolve, reject }));
    this.#waiting.push({ id, event });
    this.#wake?.();
    const late = new Promise((_, reject) => setTimeout(() => reject(new Error('no answer')), LIMIT).unref());
    return Promise.race([reply, this.#failed, late]);
  }

  // A line of the kernel's data about the running program (proc(5), status).
  status(line) {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
    return new RegExp(`^${line}:\\s*(.*)$`, 'm').exec(status)[1];
  }

  async stop() {
    if (this.#child.exitCode === null) {
      this.#child.kill('SIGKILL');
      await once(this.#child, 'exit');
    }
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #wake;

  async #next() {
    while (this.#waiting.length === 0) await new Promise((resolve) => (this.#wake = resolve));
    return this.#waiting.shift();
  }

  // https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
  async #serve(request, response) {
    const [, id, what] = /^\/2018-06-01\/runtime\/(?:invocation|init)(?:\/([^/]+))?\/(\w+)$/.exec(request.url) ?? [];
    if (what === 'next') {
      const { id, event } = await this.#next();
      response.setHeader('lambda-runtime-aws-request-id', id);
      response.setHeader('lambda-runtime-deadline-ms', Date.now() + LIMIT);
      response.setHeader('lambda-runtime-invoked-function-arn', 'arn:aws:lambda:eu-west-1:123456789012:function:test');
      response.setHeader('lambda-runtime-trace-id', 'Root=1-6761d0a5-0123456789abcdef01234567');
      response.setHeader('content-type', 'application/json').end(JSON.stringify(event));
      return;
    }
    const body = await json(request);
    if (what === 'response') this.#replies.get(id).resolve(body);
    else this.#replies.get(id)?.reject(new Error(`${request.url}: ${JSON.stringify(body)}`));
    response.writeHead(202).end();
  }
}

// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
const platform = (name, port) => ({
  AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${port}`,
  AWS_LAMBDA_FUNCTION_NAME: name,
  AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
  AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
  AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
  AWS_LAMBDA_LOG_STREAM_NAME: '2031/05/06/[$LATEST]0123456789abcdef',
  AWS_REGION: 'eu-west-1',
  AWS_DEFAULT_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
  AWS_SESSION_TOKEN: 'local',
  LAMBDA_TASK_ROOT: '/var/task',
  LAMBDA_RUNTIME_DIR: '/var/runtime',
  LANG: 'en_US.UTF-8',
  PATH: '/usr/local/bin:/usr/bin:/bin:/opt/bin',
  TZ: ':UTC',
  _HANDLER: '',
});
