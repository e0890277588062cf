// Compares the templates with the code: routes, functions and images, settings, permissions, alarms.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { parse } from 'smol-toml';
import { FOREIGN, ROOT } from './support/api.mjs';
import { binaries } from './support/binaries.mjs';
import { document, operations } from './support/contract.mjs';
import { expanded, folders, functions, recordedCalls, resources } from './support/templates.mjs';

const api = expanded('template.yaml');
const background = expanded('infra/background.yaml');
const failures = expanded('infra/failures.yaml');
const observe = expanded('infra/observe.yaml');
const mail = expanded('infra/mail.yaml');
const backup = expanded('infra/backup.yaml');
const deployed = { ...functions(api), ...functions(background) };
const names = Object.keys(deployed).sort();
const logical = Object.fromEntries(Object.entries(functions(api)).map(([folder, { id }]) => [id, folder]));

// Those that ask DynamoDB.
const storing = names.filter((name) => 'TABLE_PREFIX' in variables(name));

test('every function is deployed, from its own image, and nothing else is', () => {
  assert.deepEqual(names, folders());
});

test('every route of the contract leads to its function, and there is no other route', () => {
  const { paths } = api.Resources.Api.Properties.Body;
  const routed = Object.entries(paths).flatMap(([path, item]) => Object.entries(item).map(([method, { 'x-amazon-apigateway-integration': integration }]) => {
    const [, id] = integration.uri['Fn::Sub'].match(/\$\{(\w+)Aliaslive\}/);
    assert.equal(integration.payloadFormatVersion, '2.0', path);
    return `${method.toUpperCase()} ${path} ${logical[id]}`;
  }));
  const described = operations(document()).map(({ method, path, function: name }) => `${method} ${path} ${name}`);
  assert.deepEqual(routed.sort(), described.sort());
});

test('the gateway may call what it routes to', () => {
  const permitted = resources(api, 'AWS::Lambda::Permission').map(({ Properties }) => logical[Properties.FunctionName.Ref.replace(/Aliaslive$/, '')]);
  assert.deepEqual([...new Set(permitted)].sort(), Object.keys(functions(api)).sort());
});

test('pages of the allowed origins may read answers, with their cookies, and no others', () => {
  const { 'Fn::If': [condition, cors, otherwise] } = api.Resources.Api.Properties.Body['x-amazon-apigateway-cors'];
  assert.equal(condition, 'HasOrigins');
  assert.deepEqual(otherwise, { Ref: 'AWS::NoValue' });
  assert.deepEqual(cors, {
    allowOrigins: { Ref: 'AllowedOrigins' },
    allowCredentials: true,
    allowMethods: ['GET', 'POST', 'DELETE'],
    allowHeaders: ['content-type', 'x-csrf-token'],
    exposeHeaders: ['retry-after'],
    maxAge: 7200,
  });
  // The same in the host.
  const host = readFileSync(join(ROOT, 'infra/host/src/cors.rs'), 'utf8');
  const constant = (name) => new RegExp(`const ${name}: &str = "([^"]+)"`).exec(host)[1];
  assert.deepEqual(['METHODS', 'HEADERS', 'EXPOSED', 'MAX_AGE'].map(constant),
    [cors.allowMethods.join(), cors.allowHeaders.join(), cors.exposeHeaders.join(), String(cors.maxAge)]);
  const methods = operations(document()).map(({ method }) => method);
  assert.deepEqual([...new Set(methods)].sort(), [...cors.allowMethods].sort());
});

test('what is limited beyond the rest is a route', () => {
  const [{ Properties: { RouteSettings } }] = resources(api, 'AWS::ApiGatewayV2::Stage');
  const described = operations(document()).map(({ method, path }) => `${method} ${path}`);
  assert.ok(Object.keys(RouteSettings).length > 0);
  for (const route of Object.keys(RouteSettings)) assert.ok(described.includes(route), route);
});

test('each function gets the settings that it reads, and no others', () => {
  const read = names.map((name) => [name, settingsOf(name)]);
  const given = names.map((name) => [name, Object.keys(variables(name)).sort()]);
  assert.deepEqual(Object.fromEntries(given), Object.fromEntries(read));
});

test('one setting has one value, whichever function reads it', () => {
  const values = {};
  for (const name of names) {
    for (const [variable, value] of Object.entries(variables(name))) {
      // The two templates write these differently, but with the same result.
      const meant = JSON.parse(JSON.stringify(value, plain));
      values[variable] ??= meant;
      assert.deepEqual(meant, values[variable], `${variable} of ${name}`);
    }
  }
});

test('the header that the functions believe is the one that the edge sends, and only a secret knows its name', () => {
  const { 'Fn::If': [condition, header, otherwise] } = variables('login').TRUSTED_PROXY_HEADER;
  assert.deepEqual([condition, otherwise], ['HasEdge', '']);
  const name = 'x-viewer-{{resolve:secretsmanager:${ViewerHeader}:SecretString:name}}';
  assert.deepEqual(header, { 'Fn::Sub': name });
  const edge = expanded('infra/edge.yaml');
  assert.ok(edge.Resources.ToApi.Properties.FunctionCode['Fn::Sub'].includes(`request.headers['${name}'] = `));
  const { Condition, Properties: { GenerateSecretString: generated } } = api.Resources.ViewerHeader;
  assert.deepEqual([Condition, generated.GenerateStringKey, generated.SecretStringTemplate], ['HasEdge', 'name', '{}']);
  // CloudFront writes the names of headers in small letters; and 32 letters and digits are not guessed.
  assert.ok(generated.ExcludeUppercase && generated.ExcludePunctuation && generated.PasswordLength >= 32);
  // What the outputs tell is where the secret is, in the region of the edge.
  const [text, { Name }] = api.Outputs.ViewerHeader.Value['Fn::Sub'];
  assert.match(text, /^arn:\$\{AWS::Partition\}:secretsmanager:us-east-1:\$\{AWS::AccountId\}:secret:\$\{Name\}$/);
  assert.deepEqual(Name, { 'Fn::Select': [6, { 'Fn::Split': [':', { Ref: 'ViewerHeader' }] }] });
  const { ReplicaRegions } = api.Resources.ViewerHeader.Properties;
  assert.deepEqual(ReplicaRegions, { 'Fn::If': ['IsVirginia', { Ref: 'AWS::NoValue' }, [{ Region: 'us-east-1' }]] });
  for (const { Outputs } of [api, background, edge]) assert.ok(!JSON.stringify(Outputs).includes('{{resolve:'));
});

test('the edge takes the prefix away, says where the client is, and keeps no answer that it may not', () => {
  const { ToApi, ToApp, Distribution, AsTheApiSays, ForAYear } = expanded('infra/edge.yaml').Resources;
  const run = (resource, request) => {
    const { FunctionCode: code } = resource.Properties;
    const source = (code['Fn::Sub'] ?? code).replace('{{resolve:secretsmanager:${ViewerHeader}:SecretString:name}}', '1');
    return runInNewContext(`${source}; handler(event)`, { event: { request, viewer: { ip: '203.0.113.9' } } });
  };
  const forged = { uri: '/auth/login', headers: { 'x-viewer-1': { value: '198.51.100.1' } } };
  const { uri, headers } = run(ToApi, forged);
  assert.deepEqual([uri, headers['x-viewer-1'].value], ['/login', '203.0.113.9']);
  assert.equal(run(ToApi, { uri: '/.well-known/security.txt', headers: {} }).uri, '/.well-known/security.txt');
  const shown = (path) => run(ToApp, { uri: path, headers: {} }).uri;
  for (const path of ['/', '/inbox', '/inbox/7', '/u/jane.doe', '/releases/v1.2', '/mail/ada@example.com', '/a.b/']) {
    assert.equal(shown(path), '/index.html', path);
  }
  for (const path of ['/assets/app.js', '/favicon.ico', '/logo.SVG', '/u/jane.doe/photo.jpeg']) assert.equal(shown(path), path);

  const { CacheBehaviors, CustomErrorResponses } = Distribution.Properties.DistributionConfig;
  const DISABLED = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad';
  const kept = CacheBehaviors.filter(({ CachePolicyId }) => CachePolicyId !== DISABLED);
  assert.deepEqual(kept.map(({ PathPattern, CachePolicyId }) => [PathPattern, CachePolicyId.Ref]),
    [['/auth/assets/*', 'ForAYear'], ['/auth/.well-known/jwks.json', 'AsTheApiSays']]);
  for (const { Properties: { CachePolicyConfig: policy } } of [AsTheApiSays, ForAYear]) {
    const { HeadersConfig: { Headers } } = policy.ParametersInCacheKeyAndForwardedToOrigin;
    assert.ok(!Headers.some((name) => /^host$/i.test(name)), 'the gateway answers to its own name alone');
    assert.ok(Headers.includes('origin'), 'it adds headers for the origin that asks');
    assert.deepEqual([policy.MinTTL, policy.DefaultTTL], [0, 0], 'what does not say so is not kept');
  }
  // The function compresses, so the cache must know which clients take that.
  assert.equal(ForAYear.Properties.CachePolicyConfig.ParametersInCacheKeyAndForwardedToOrigin.EnableAcceptEncodingGzip, true);
  assert.deepEqual(CustomErrorResponses.map(({ ErrorCode, ErrorCachingMinTTL }) => [ErrorCode, ErrorCachingMinTTL]),
    [[500, 0], [502, 0], [503, 0], [504, 0]]);
});

test('the edge speaks TLS 1.2 or later, and sends nobody from plain HTTP to the API', () => {
  const { ViewerCertificate, Origins, DefaultCacheBehavior, CacheBehaviors } = expanded('infra/edge.yaml').Resources.Distribution.Properties.DistributionConfig;
  assert.match(ViewerCertificate.MinimumProtocolVersion, /^TLSv1\.[2-9]_20[2-9]\d$/);
  const [{ CustomOriginConfig }] = Origins.filter(({ Id }) => Id === 'api');
  assert.deepEqual(CustomOriginConfig, { OriginProtocolPolicy: 'https-only', OriginSSLProtocols: ['TLSv1.2'] });
  assert.equal(DefaultCacheBehavior.TargetOriginId, 'app');
  const toApi = CacheBehaviors.filter(({ TargetOriginId }) => TargetOriginId === 'api');
  assert.ok(toApi.length > 0);
  for (const { PathPattern, ViewerProtocolPolicy } of toApi) assert.equal(ViewerProtocolPolicy, 'https-only', PathPattern);
});

test('without an edge the API has a domain of its own in the same deployment, and answers to no other name', () => {
  const { Condition, Properties: { TemplateURL, Parameters } } = api.Resources.Domain;
  assert.deepEqual([Condition, TemplateURL], ['HasDomain', 'infra/domain.yaml']);
  assert.deepEqual(Parameters, {
    Domain: { Ref: 'ApiDomain' }, HostedZone: { Ref: 'HostedZone' }, ApiId: { Ref: 'Api' }, Stage: { Ref: 'ApiApiGatewayDefaultStage' },
  });
  const [{ 'x-amazon-apigateway-endpoint-configuration': endpoint }] = api.Resources.Api.Properties.Body.servers;
  assert.deepEqual(endpoint, { disableExecuteApiEndpoint: { 'Fn::If': ['HasDomain', true, false] } });
  assert.deepEqual(api.Outputs.ApiHost.Value['Fn::If'].slice(0, 2), ['HasDomain', { Ref: 'ApiDomain' }]);

  const { Certificate, Name, Mapping, Address4, Address6 } = expanded('infra/domain.yaml').Resources;
  const domain = { Ref: 'Domain' };
  assert.deepEqual(Certificate.Properties.DomainValidationOptions, [{ DomainName: domain, HostedZoneId: { Ref: 'HostedZone' } }]);
  const [configuration] = Name.Properties.DomainNameConfigurations;
  assert.deepEqual([configuration.CertificateArn, configuration.SecurityPolicy], [{ Ref: 'Certificate' }, 'TLS_1_2']);
  assert.deepEqual(Mapping.Properties, { DomainName: { Ref: 'Name' }, ApiId: { Ref: 'ApiId' }, Stage: { Ref: 'Stage' } });
  const target = { DNSName: { 'Fn::GetAtt': ['Name', 'RegionalDomainName'] }, HostedZoneId: { 'Fn::GetAtt': ['Name', 'RegionalHostedZoneId'] } };
  for (const [type, { Properties }] of Object.entries({ A: Address4, AAAA: Address6 })) {
    assert.deepEqual([Properties.Type, Properties.Name, Properties.AliasTarget], [type, domain, target]);
  }
});

test('an API has one domain: behind the edge that of the app, else its own, with its zone', () => {
  const empty = (name) => ({ 'Fn::Equals': [{ Ref: name }, ''] });
  const rules = Object.values(api.Rules).map(({ RuleCondition, Assertions: [{ Assert }] }) => [RuleCondition, Assert]);
  assert.deepEqual(rules, [
    [{ 'Fn::Equals': [{ Ref: 'Edge' }, 'yes'] }, empty('ApiDomain')],
    [{ 'Fn::Not': [empty('ApiDomain')] }, { 'Fn::Not': [empty('HostedZone')] }],
  ]);
});

test('the edge can leave the records of a live domain as they are', () => {
  const edge = expanded('infra/edge.yaml');
  const conditional = Object.entries(edge.Resources).filter(([, { Condition }]) => Condition).map(([id, { Type, Condition }]) => `${id} ${Type} ${Condition}`);
  assert.deepEqual(conditional, ['Address4', 'Address6'].map((id) => `${id} AWS::Route53::RecordSet HasRecords`));
  assert.deepEqual(edge.Conditions.HasRecords, { 'Fn::Equals': [{ Ref: 'Records' }, 'yes'] });
  assert.equal(edge.Parameters.Records.Default, 'yes');
  assert.deepEqual(edge.Outputs.Host.Value, { 'Fn::GetAtt': ['Distribution', 'DomainName'] });
});

test('the cache is for one user, whose password is made for it', () => {
  const { Password, User, Users, Cache } = expanded('infra/cache.yaml').Resources;
  assert.deepEqual(Users.Properties.UserIds, [{ Ref: 'User' }]);
  assert.deepEqual(Cache.Properties.UserGroupId, { Ref: 'Users' });
  const { PasswordLength, SecretStringTemplate } = Password.Properties.GenerateSecretString;
  assert.deepEqual([PasswordLength, SecretStringTemplate], [64, '{}']);
  assert.match(JSON.stringify(User.Properties.AuthenticationMode), /"Type":"password".*resolve:secretsmanager:\$\{Password\}/);
});

test('what the gateway answers itself has the headers of an API, and what a function says stays', () => {
  const { Distribution, ApiHeaders, AppHeaders } = expanded('infra/edge.yaml').Resources;
  const { CacheBehaviors, DefaultCacheBehavior } = Distribution.Properties.DistributionConfig;
  for (const { PathPattern, ResponseHeadersPolicyId } of CacheBehaviors) assert.deepEqual(ResponseHeadersPolicyId, { Ref: 'ApiHeaders' }, PathPattern);
  assert.deepEqual(DefaultCacheBehavior.ResponseHeadersPolicyId, { Ref: 'AppHeaders' });
  const headers = (policy) => policy.Properties.ResponseHeadersPolicyConfig.SecurityHeadersConfig;
  for (const { StrictTransportSecurity: { AccessControlMaxAgeSec, IncludeSubdomains } } of [ApiHeaders, AppHeaders].map(headers)) {
    assert.ok(AccessControlMaxAgeSec >= 31_536_000 && IncludeSubdomains);
  }
  const { ContentTypeOptions, ...others } = headers(ApiHeaders);
  assert.ok(ContentTypeOptions.Override);
  for (const [name, { Override }] of Object.entries(others)) assert.equal(Override, false, name);
});

test('a function has more time than it gives a request', () => {
  const source = (path) => readFileSync(join(ROOT, path), 'utf8');
  const seconds = (path) => {
    const [, unit, count] = /const DEADLINE: [\w:]*Duration = [\w:]*Duration::from_(secs|millis)\((\d+)\)/.exec(source(path));
    return unit === 'secs' ? Number(count) : Number(count) / 1000;
  };
  const [stores, provider] = [seconds('shared/edge/src/function.rs'), seconds('shared/oidc/src/lib.rs')];
  for (const [name, { Properties: { Timeout } }] of Object.entries(functions(api))) {
    const given = source(`functions/${name}/src/lib.rs`).includes('oidc::DEADLINE') ? provider : stores;
    // An answer may be held back for three seconds after that; and the first request includes the start of a new
    // instance.
    assert.ok(Timeout > given + 3, `${name}: ${Timeout} s for ${given} s`);
    assert.ok(Timeout < 29, `${name}: the gateway has given up after ${Timeout} s`);
  }
});

test('a store that is away is waited for, as long as the streams keep their records', () => {
  const mappings = resources(background, 'AWS::Lambda::EventSourceMapping').map(({ Properties }) => Properties);
  const followed = mappings.filter(({ FunctionName, StartingPosition }) => FunctionName.Ref === 'Revocations' && StartingPosition);
  assert.equal(followed.length, 2);
  for (const mapping of followed) {
    assert.deepEqual(mapping.FunctionResponseTypes, ['ReportBatchItemFailures']);
    assert.equal(mapping.MaximumRetryAttempts, -1);
    const day = 86_400;
    assert.ok(mapping.MaximumRecordAgeInSeconds < day && mapping.MaximumRecordAgeInSeconds > 0.9 * day);
    assert.ok(mapping.DestinationConfig.OnFailure.Destination);
  }
});

test('what a failover may have lost is told again when it is 15 to 30 seconds old, and waited for as long', () => {
  const { Again: { Properties: pipe }, Held: { Properties: queue }, FromHeld: { Properties: mapping } } = background.Resources;
  assert.ok(queue.DelaySeconds >= 15 && queue.DelaySeconds <= 25);
  assert.deepEqual([pipe.Target, mapping.EventSourceArn], Array(2).fill({ 'Fn::GetAtt': ['Held', 'Arn'] }));
  assert.deepEqual(pipe.Source, { Ref: 'SessionsStream' });
  const first = resources(background, 'AWS::Lambda::EventSourceMapping').find(({ Properties }) => Properties.EventSourceArn.Ref === 'SessionsStream');
  assert.deepEqual(pipe.SourceParameters.FilterCriteria, first.Properties.FilterCriteria);
  assert.deepEqual(mapping.FunctionResponseTypes, ['ReportBatchItemFailures']);
  // After this many tries a message is given up and reported, before the queue forgets it.
  const [{ Properties: { Timeout } }] = Object.values(functions(background)).filter(({ id }) => id === 'Revocations');
  assert.ok(queue.VisibilityTimeout > Timeout);
  const tried = queue.VisibilityTimeout * queue.RedrivePolicy.maxReceiveCount;
  assert.ok(tried > 0.9 * queue.MessageRetentionPeriod && tried < queue.MessageRetentionPeriod);
});

test('what is written in the templates starts every function', () => {
  const samples = {
    ALLOWED_ORIGINS: 'https://app.example.com', APP_URL: 'https://app.example.com', COOKIE_SAMESITE: 'Lax', MAIL_FROM: 'login@example.com',
    METRICS_NAMESPACE: 'login', OIDC_GOOGLE_CLIENT_ID: 'client', OIDC_GOOGLE_CLIENT_SECRET: 'secret', OIDC_PROVIDERS: 'google',
    BRAND_NAME: 'Example', PUBLIC_URL: 'https://app.example.com/auth', SMTP_URL: 'smtps://user:password@mail.example.com',
    SIGNING_KEY_WRAP: 'arn:aws:kms:us-east-1:111122223333:key/12345678-1234-1234-1234-123456789012',
    REDIS_URL: 'rediss://functions:Password1@cache.example.com:6379/?cluster=true',
    TRUSTED_PROXY_HEADER: 'x-viewer-0123456789abcdefghijklmnopqrstuv',
    SIGN_IN_URL: 'https://app.example.com/sign-in', ACCOUNT_URL: 'https://app.example.com/account',
  };
  for (const name of names) {
    const settings = Object.entries(variables(name)).map(([variable, value]) => [variable, typeof value === 'string' ? value : samples[variable]]);
    const { faults } = refusal(name, { ...Object.fromEntries(settings), TABLE_PREFIX: MALFORMED, START_PAGE: MALFORMED });
    assert.match(faults, /^unusable settings: (TABLE_PREFIX|START_PAGE): [^;]*$/, name);
  }
});

test('README.md explains every setting', () => {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const table = readme.slice(readme.indexOf('## Configuration'), readme.indexOf('## Operating'));
  for (const variable of new Set(names.flatMap((name) => Object.keys(variables(name))))) {
    const explained = variable.replace(/^OIDC_GOOGLE_/, '_');
    assert.ok(table.includes(`${explained}\``), `${variable} is not in README.md`);
  }
});

// A row of the table: the variables, and what stands in the place of a default.
function configuration() {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const table = readme.slice(readme.indexOf('## Configuration'), readme.indexOf('## Operating'));
  const rows = [...table.matchAll(/^\| (`[^|]+) \| ([^|]*) \|/gm)].map(([, variables, byDefault]) => ({ variables, byDefault }));
  return rows.map(({ variables, byDefault }) => ({ variables: [...variables.matchAll(/`(\w+)`/g)].map(([, name]) => name), byDefault }));
}

test('README.md says of each setting which functions do not start without it', () => {
  const missing = Object.fromEntries(names.map((name) => [name, [...refusal(name, { TABLE_PREFIX: MALFORMED }).faults.matchAll(/(\w+): is missing/g)].map(([, variable]) => variable)]));
  const routed = new Set(operations(document()).map(({ function: name }) => name));
  for (const { variables: row, byDefault } of configuration()) {
    for (const variable of row) {
      const needy = names.filter((name) => missing[name].includes(variable));
      const named = [...byDefault.matchAll(/`([\w-]+)`/g)].map(([, name]) => name);
      const but = byDefault.startsWith('required by all but') && names.filter((name) => !named.includes(name));
      const said = but || (byDefault === 'required' ? names.filter((name) => routed.has(name)) : named);
      assert.deepEqual(byDefault.startsWith('required') ? said.sort() : [], needy.sort(), variable);
    }
  }
});

test('README.md explains no variable that no function reads', () => {
  const read = new Set(names.flatMap((name) => refusal(name, { TABLE_PREFIX: MALFORMED, OIDC_PROVIDERS: 'google' }).reads.split(',')));
  const ours = configuration().flatMap(({ variables: row }) => row).filter((variable) => !/^(_|AWS_(REGION|ACCESS|SECRET|SESSION))/.test(variable));
  assert.deepEqual(ours.filter((variable) => !read.has(variable)), []);
});

test('the local gateway passes on every variable that a function reads, and the journeys let none of the caller\'s through', () => {
  const read = [...new Set(names.flatMap((name) => refusal(name, { TABLE_PREFIX: MALFORMED }).reads.split(',')))].sort();
  const source = readFileSync(join(ROOT, 'infra/local/src/settings.rs'), 'utf8');
  const [, list] = source.match(/const CONTRACT: \[&str; \d+\] = \[([^\]]*)\]/);
  assert.deepEqual([...list.matchAll(/"(\w+)"/g)].map(([, name]) => name).sort(), read);
  assert.deepEqual(read.filter((name) => !FOREIGN.some((prefix) => name.startsWith(prefix))), []);
});

test('what stops everything stops every function', () => {
  const runbook = readFileSync(join(ROOT, 'docs/operations.md'), 'utf8');
  const [, list] = runbook.match(/^for name in ((?:[\w-]+|\\|\s)+?)\ndo aws lambda put-function-concurrency/m);
  assert.deepEqual(list.split(/[\s\\]+/).filter(Boolean).sort(), [...names].sort());
});

test('secrets are settings of what needs them alone, and parameters of nothing', () => {
  const holders = (pattern) => names.filter((name) => Object.values(variables(name)).some((value) => JSON.stringify(value).includes(pattern)));
  assert.deepEqual(holders('SecretString:smtp_url'), ['mailer']);
  assert.deepEqual(holders('SecretString:google_client_secret'), ['callback', 'login']);
  for (const template of [api, background, expanded('infra/edge.yaml')]) {
    for (const [name, { NoEcho, Default }] of Object.entries(template.Parameters)) {
      assert.ok(!/password|secret|token/i.test(name) || name === 'SecretName' || name === 'CachePassword', name);
      assert.ok(!NoEcho || Default === undefined, name);
    }
  }
  // This is the name of the secret.
  assert.deepEqual(api.Resources.Background.Properties.Parameters.CachePassword['Fn::If'][1], { 'Fn::GetAtt': ['Valkey', 'Outputs.Password'] });
});

test('each function may do what it does, and nothing else', () => {
  const permissions = expanded('infra/permissions.yaml');
  const permitted = storing.flatMap((name) => {
    const { [policyOf(name)]: policy } = permissions.Resources;
    return policy.Properties.PolicyDocument.Statement.filter((statement) => !wraps(statement)).flatMap(({ Effect, Action, Resource, Condition }) => {
      assert.equal(Effect, 'Allow');
      const [, table, index] = Resource['Fn::Sub'].match(/^\$\{Tables\}(\w+)(?:\/index\/(\w+))?$/);
      const attributes = Condition?.['ForAllValues:StringEquals']['dynamodb:Attributes'] ?? ['*'];
      // "All of no attributes" is true: without the other half everything could be read.
      if (Condition) {
        assert.deepEqual(Condition, {
          'ForAllValues:StringEquals': { 'dynamodb:Attributes': attributes },
          StringEquals: { 'dynamodb:Select': 'SPECIFIC_ATTRIBUTES' },
        });
      }
      return Action.map((action) => line({ function: name, action, table, index, attributes: attributes.join(',') }));
    });
  });
  // The host is no function: docs/anywhere.md says what it needs.
  const calls = recordedCalls().filter(({ function: name }) => name !== 'host');
  assert.deepEqual(permitted.sort(), [...new Set(calls.map(line))].sort());
});

test('what mints may wrap signing keys, for their table alone, and nothing else may', () => {
  const { Resources } = expanded('infra/permissions.yaml');
  const statements = (name) => Resources[policyOf(name)].Properties.PolicyDocument.Statement.filter(wraps);
  const minting = names.filter((name) => 'SIGNING_KEY_WRAP' in variables(name));
  assert.deepEqual(minting, ['device', 'session-token']);
  assert.deepEqual(storing.filter((name) => statements(name).length > 0), minting);
  for (const name of minting) {
    const [{ 'Fn::If': [condition, statement, otherwise] }, ...more] = statements(name);
    assert.deepEqual([condition, otherwise, more], ['HasWrap', { Ref: 'AWS::NoValue' }, []]);
    const { Condition, ...rest } = statement;
    assert.deepEqual(rest, { Effect: 'Allow', Action: ['kms:Decrypt', 'kms:Encrypt'], Resource: { Ref: 'SigningKeyWrap' } });
    const { StringEquals: { 'kms:EncryptionContext:table': table }, ...keys } = Condition;
    const [text, { Prefix }] = table['Fn::Sub'];
    assert.deepEqual([text, Prefix], ['${Prefix}signing_keys', { 'Fn::Select': [1, { 'Fn::Split': ['table/', { Ref: 'Tables' }] }] }]);
    assert.deepEqual(keys, { 'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': ['kid', 'period', 'table'] } });
    assert.deepEqual(variables(name).SIGNING_KEY_WRAP, { Ref: 'SigningKeyWrap' });
  }
  // The context that the code binds a wrapped key to (shared/tokens/src/wrap.rs).
  const source = readFileSync(join(ROOT, 'shared/tokens/src/wrap.rs'), 'utf8');
  const [, pairs] = source.match(/let pairs = \[(.*)\];/);
  assert.deepEqual([...pairs.matchAll(/\("(\w+)"/g)].map(([, name]) => name).sort(), ['kid', 'period', 'table']);
});

test('what a function may do beyond the tables is the platform\'s', () => {
  const platform = [
    'service-role/AWSLambdaBasicExecutionRole', 'service-role/AWSLambdaVPCAccessExecutionRole', 'AWSXrayWriteOnlyAccess',
    'service-role/AWSLambdaDynamoDBExecutionRole',
  ].map((policy) => `arn:aws:iam::aws:policy/${policy}`);
  for (const template of [api, background]) {
    // Except the pipe's and CodeDeploy's, which are no function's.
    const roles = resources(template, 'AWS::IAM::Role').filter(({ id }) => id !== 'Courier' && id !== 'CodeDeployServiceRole');
    for (const { id, Properties: { ManagedPolicyArns, Policies = [] } } of roles) {
      const own = ManagedPolicyArns.filter((policy) => !platform.includes(policy));
      assert.equal(own.length, id === 'PagesRole' ? 0 : 1, `${id}: ${JSON.stringify(own)}`);
      const actions = Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement.map(({ Action }) => Action));
      assert.deepEqual([...new Set(actions)], id === 'RevocationsRole' ? ['sqs:SendMessage'] : [], id);
    }
  }
  const more = resources(background, 'AWS::IAM::RolePolicy').map(({ Properties: { RoleName, PolicyDocument } }) =>
    [RoleName.Ref, ...PolicyDocument.Statement.flatMap(({ Action, Resource }) => [Resource['Fn::GetAtt'][0], ...Action])]);
  assert.deepEqual(more, [['RevocationsRole', 'Held', 'sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes']]);
  // Each function's policy: GetAtt Permissions.Outputs.Me in one template, a parameter that carries it in the other.
  for (const [folder, { id }] of Object.entries(functions(api)).filter(([folder]) => storing.includes(folder))) {
    const { ManagedPolicyArns } = api.Resources[`${id}Role`].Properties;
    assert.ok(ManagedPolicyArns.some((policy) => policy['Fn::GetAtt']?.[1] === `Outputs.${policyOf(folder)}`), folder);
  }
  const rightful = (id, policy) => background.Resources[id].Properties.ManagedPolicyArns.some(({ Ref }) => Ref === policy);
  assert.ok(rightful('MailerRole', 'MayMail') && rightful('RevocationsRole', 'MayRevoke'));
  const { Outputs } = expanded('infra/permissions.yaml');
  for (const [name, { Value }] of Object.entries(Outputs)) assert.deepEqual(Value, { Ref: name });
  const streaming = Object.values({ ...api.Resources, ...background.Resources })
    .filter(({ Type, Properties }) => Type === 'AWS::IAM::Role' && Properties.ManagedPolicyArns?.includes(platform[3]));
  assert.equal(streaming.length, 2, 'those that follow streams');
  const { Parameters } = api.Resources.Background.Properties;
  assert.deepEqual([Parameters.MayMail, Parameters.MayRevoke].map((policy) => policy['Fn::GetAtt'][1]), ['Outputs.Mailer', 'Outputs.Revocations']);
});

test('every table is asked for something, and every table that is asked for exists', () => {
  const tables = resources(expanded('infra/data.yaml'), 'AWS::DynamoDB::Table');
  const defined = tables.map(({ Properties }) => Properties.TableName['Fn::Sub'].replace('${TablePrefix}', ''));
  // What asks for a place in a stream names no table.
  assert.deepEqual([...new Set(recordedCalls().map(({ table }) => table).filter(Boolean))].sort(), defined.sort());
});

test('the index of sessions has what is read from it, and names that rows will have later', () => {
  const { KeySchema, GlobalSecondaryIndexes: [index] } = expanded('infra/data.yaml').Resources.Sessions.Properties;
  const source = readFileSync(join(ROOT, 'shared/session/src/record.rs'), 'utf8');
  const [, body] = source.match(/struct SignIn \{([^}]*)\}/);
  const keys = [...KeySchema, ...index.KeySchema].map(({ AttributeName }) => AttributeName);
  const read = [...body.matchAll(/pub (\w+):/g)].map(([, name]) => name).filter((name) => !keys.includes(name));
  // When the session ended or will end, by which means the user had proven who they are, and what a list of sign-ins shows.
  const later = ['acr', 'device_name', 'ends_at', 'place', 'revoked_at'];
  assert.deepEqual([index.IndexName, index.Projection.ProjectionType], ['by_user', 'INCLUDE']);
  assert.deepEqual(index.Projection.NonKeyAttributes, [...read, ...later].sort());
});

test('tables outlive mistakes', () => {
  for (const { id, DeletionPolicy, UpdateReplacePolicy, Properties } of resources(expanded('infra/data.yaml'), 'AWS::DynamoDB::Table')) {
    assert.deepEqual([DeletionPolicy, UpdateReplacePolicy], ['RetainExceptOnCreate', 'Retain'], id);
    assert.equal(Properties.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled, true, id);
    assert.deepEqual(Properties.DeletionProtectionEnabled, { Ref: 'DeletionProtection' }, id);
    assert.deepEqual(Properties.SSESpecification.KMSMasterKeyId, { Ref: 'KeyArn' }, id);
  }
});

test('each function has its log group and its alarm', () => {
  const named = (template, type, property, pattern) => resources(expanded(template), type)
    .map(({ Properties }) => JSON.stringify(Properties[property] ?? null).match(pattern)?.[1]).filter(Boolean).sort();
  assert.deepEqual(named('infra/logs.yaml', 'AWS::Logs::LogGroup', 'LogGroupName', /aws\/lambda\/\$\{Stack\}-([\w-]+)/), folders());
  assert.deepEqual(named('infra/failures.yaml', 'AWS::CloudWatch::Alarm', 'AlarmName', /\$\{Stack\} ([\w-]+) fails/), folders());
  // Each watches the function that it is named after.
  for (const { id, Properties: { AlarmName, Metrics } } of resources(failures, 'AWS::CloudWatch::Alarm')) {
    const [, name] = AlarmName['Fn::Sub'].match(/ ([\w-]+) fails/);
    assert.equal(policyOf(name), id);
    const watched = [...JSON.stringify(Metrics).matchAll(/"FunctionName","Value":\{"Fn::Sub":"\$\{Stack\}-([\w-]+)"/g)];
    assert.deepEqual(watched.map(([, function_]) => function_), [name, name], id);
  }
});

test('a new version of a function is tried on a few requests, and goes back if the alarm of that function rings', () => {
  for (const [folder, { id }] of Object.entries(functions(api))) {
    const { [`${id}Aliaslive`]: alias, [`${id}DeploymentGroup`]: group } = api.Resources;
    assert.deepEqual(alias.UpdatePolicy.CodeDeployLambdaAliasUpdate.DeploymentGroupName, { Ref: `${id}DeploymentGroup` }, folder);
    const { AlarmConfiguration, AutoRollbackConfiguration, DeploymentConfigName } = group.Properties;
    // An output of the alarms' stack: so the alarm exists before the function, and CodeDeploy takes no other for it.
    const alarm = { Name: { 'Fn::GetAtt': ['Failures', `Outputs.${policyOf(folder)}`] } };
    assert.deepEqual(AlarmConfiguration, { Enabled: true, Alarms: [alarm] }, folder);
    assert.deepEqual(failures.Outputs[policyOf(folder)].Value, { Ref: policyOf(folder) });
    assert.equal(failures.Resources[policyOf(folder)].Type, 'AWS::CloudWatch::Alarm');
    assert.ok(AutoRollbackConfiguration.Enabled && AutoRollbackConfiguration.Events.includes('DEPLOYMENT_STOP_ON_ALARM'));
    const [condition, gradually, atOnce] = DeploymentConfigName['Fn::If'].map((choice) => choice['Fn::Sub']?.[1].ConfigName ?? choice);
    assert.deepEqual([condition, gradually, atOnce], ['IsGradual', 'Canary10Percent5Minutes', 'AllAtOnce'], folder);
  }
});

test('a changed setting makes a new version of each function that reads it', () => {
  const versions = (template) => Object.fromEntries(resources(template, 'AWS::Lambda::Version').map(({ id, Properties }) => [Properties.FunctionName.Ref, id]));
  const directory = mkdtempSync(join(tmpdir(), 'login-versions-'));
  after(() => rmSync(directory, { recursive: true }));
  const changed = join(directory, 'template.yaml');
  writeFileSync(changed, readFileSync(join(ROOT, 'template.yaml'), 'utf8').replace('TOKEN_LIFETIME: 5m', 'TOKEN_LIFETIME: 4m'));
  const [before, now] = [versions(api), versions(expanded(changed))];
  const anew = Object.keys(before).filter((name) => before[name] !== now[name]);
  assert.deepEqual(anew.sort(), ['Device', 'SessionToken']);
});

test('a function in the VPC is called each day with what asks for nothing, so that it keeps its network interfaces', () => {
  const rules = [...resources(api, 'AWS::Events::Rule'), ...resources(background, 'AWS::Events::Rule')].map(({ Properties }) => Properties);
  const daily = rules.filter(({ ScheduleExpression }) => ScheduleExpression === 'rate(1 day)');
  const called = daily.map(({ State, Targets: [{ Arn, Input }] }) => {
    assert.deepEqual(State, { 'Fn::If': ['HasCache', 'ENABLED', 'DISABLED'] });
    return [Arn.Ref?.replace(/Aliaslive$/, '') ?? Arn['Fn::GetAtt'][0], Input];
  });
  const inVpc = Object.values(deployed).filter(({ Properties }) => Properties.VpcConfig).map(({ id }) => id);
  assert.ok(inVpc.length > 10);
  assert.deepEqual(called.map(([id]) => id).sort(), inVpc.sort());
  // What edge::run and `revocations` take for a call without a request, or without records.
  const source = readFileSync(join(ROOT, 'shared/edge/src/event.rs'), 'utf8');
  const [, nothing] = source.match(/const NOTHING: &str = "([^"]*)";/);
  for (const [id, input] of called) assert.equal(input, id === 'Revocations' ? '{"Records":[]}' : nothing, id);
});

test('of each function the latest images stay, so that a stage can go back, and older ones go', () => {
  const [{ Properties }] = resources(expanded('infra/images.yaml'), 'AWS::ECR::Repository');
  const { rules } = JSON.parse(Properties.LifecyclePolicy.LifecyclePolicyText);
  assert.deepEqual(rules.map(({ rulePriority }) => rulePriority), rules.map((_, index) => index + 1));
  for (const { action } of rules) assert.deepEqual(action, { type: 'expire' });
  const [untagged, ...tagged] = rules.map(({ selection }) => selection);
  assert.equal(untagged.tagStatus, 'untagged');
  // One rule a function, because a function that does not change keeps one image over many versions.
  assert.deepEqual(tagged.map(({ tagPrefixList }) => tagPrefixList), folders().map((name) => [`${name}-`]));
  for (const { countType, countNumber } of tagged) assert.ok(countType === 'imageCountMoreThan' && countNumber >= 100);
});

test('the log of who asked has the client\'s address: the gateway\'s without an edge, and the edge\'s with it', () => {
  const [{ Properties: { AccessLogSettings } }] = resources(api, 'AWS::ApiGatewayV2::Stage');
  const [format, { address }] = AccessLogSettings.Format['Fn::Sub'];
  assert.deepEqual(address, { 'Fn::If': ['HasEdge', 'edge_ip', 'ip'] });
  const line = JSON.parse(format.replace('${address}', 'ip'));
  assert.equal(line.ip, '$context.identity.sourceIp');
  // Queries have codes and states in them.
  assert.ok(!/path|query/i.test(JSON.stringify(Object.values(line))), format);
  const { ViewerLogSource: source, ViewerLogDestination: destination, ViewerLogDelivery: delivery } = expanded('infra/edge.yaml').Resources;
  assert.match(source.Properties.ResourceArn['Fn::Sub'], /distribution\/\$\{Distribution\}$/);
  assert.match(destination.Properties.DestinationResourceArn['Fn::Sub'], /log-group:\$\{ViewerLog\}$/);
  assert.deepEqual([delivery.Properties.DeliverySourceName, delivery.Properties.DeliveryDestinationArn],
    [{ Ref: 'ViewerLogSource' }, { 'Fn::GetAtt': ['ViewerLogDestination', 'Arn'] }]);
  const { RecordFields } = delivery.Properties;
  assert.ok(RecordFields.includes('c-ip'));
  assert.deepEqual(RecordFields.filter((field) => /query|cookie|referer|user-agent|header/i.test(field)), []);
});

test('the alarm about the gateway counts what it refuses itself, by the names in its log', () => {
  const { Refused, GatewayRefuses } = observe.Resources;
  const [{ MetricName, MetricNamespace }] = Refused.Properties.MetricTransformations;
  assert.deepEqual([GatewayRefuses.Properties.MetricName, GatewayRefuses.Properties.Namespace], [MetricName, MetricNamespace]);
  const [{ Properties: { AccessLogSettings } }] = resources(api, 'AWS::ApiGatewayV2::Stage');
  const { status, integration } = JSON.parse(AccessLogSettings.Format['Fn::Sub'][0]);
  assert.deepEqual([status, integration], ['$context.status', '$context.integration.status']);
  assert.equal(Refused.Properties.FilterPattern, '{ $.status = "429" && $.integration = "-" }');
  assert.deepEqual(api.Resources.Observe.Properties.Parameters.AccessLog, { 'Fn::GetAtt': ['Logs', 'Outputs.AccessName'] });
  assert.deepEqual(expanded('infra/logs.yaml').Outputs.AccessName.Value, { Ref: 'Access' });
});

test('an alarm rings when the mailer is not called any more, although its schedule calls it each minute', () => {
  const { MailerIsNotCalled: { Properties: alarm } } = observe.Resources;
  assert.deepEqual(alarm.Dimensions, [{ Name: 'FunctionName', Value: { 'Fn::Sub': '${Stack}-mailer' } }]);
  assert.deepEqual([alarm.MetricName, alarm.ComparisonOperator, alarm.Threshold], ['Invocations', 'LessThanThreshold', 1]);
  // Without calls there is no number that could be too low.
  assert.equal(alarm.TreatMissingData, 'breaching');
  const minutely = resources(background, 'AWS::Events::Rule').filter(({ Properties }) => Properties.ScheduleExpression === 'rate(1 minute)');
  assert.deepEqual(minutely.map(({ Properties }) => Properties.Targets[0].Arn['Fn::GetAtt'][0]), ['Mailer']);
});

test('alarms ring before the account is full of instances, when the cache refuses commands, and when it costs too much', () => {
  const { NearlyFull, CacheThrottles, Spending } = observe.Resources;
  const [{ Expression }, { MetricStat: { Metric, Stat } }] = NearlyFull.Properties.Metrics;
  assert.deepEqual(Expression, { 'Fn::Sub': '100 * claimed / ${ConcurrencyQuota}' });
  assert.deepEqual([Metric.MetricName, Metric.Dimensions, Stat], ['ClaimedAccountConcurrency', undefined, 'Maximum']);
  assert.ok(NearlyFull.Properties.Threshold < 100);
  const { Condition, Properties: cache } = CacheThrottles;
  assert.deepEqual([Condition, cache.MetricName, cache.Dimensions], ['HasCache', 'ThrottledCmds', [{ Name: 'clusterId', Value: { Ref: 'CacheName' } }]]);
  const { Budget, NotificationsWithSubscribers: told } = Spending.Properties;
  assert.deepEqual([Spending.Condition, Budget.TimeUnit, Budget.BudgetLimit.Amount], ['HasBudget', 'MONTHLY', { Ref: 'Budget' }]);
  assert.deepEqual(told.map(({ Notification }) => Notification.NotificationType), ['ACTUAL', 'FORECASTED']);
  for (const { Subscribers } of told) assert.deepEqual(Subscribers, [{ SubscriptionType: 'EMAIL', Address: { Ref: 'AlarmMail' } }]);
  const given = api.Resources.Observe.Properties.Parameters;
  for (const name of ['AlarmMail', 'Budget', 'ConcurrencyQuota']) assert.deepEqual(given[name], { Ref: name });
});

test('every alarm tells the topic', () => {
  for (const [template, topic] of [[failures, 'Alarms'], [observe, 'Topic'], [mail, 'Topic'], [backup, 'Topic']]) {
    assert.ok(resources(template, 'AWS::CloudWatch::Alarm').length > 0);
    for (const { id, Properties } of resources(template, 'AWS::CloudWatch::Alarm')) assert.deepEqual(Properties.AlarmActions, [{ Ref: topic }], id);
  }
  assert.deepEqual(failures.Outputs.Topic.Value, { Ref: 'Alarms' });
  for (const stack of ['Observe', 'Mail', 'Backup']) {
    assert.deepEqual(api.Resources[stack].Properties.Parameters.Topic, { 'Fn::GetAtt': ['Failures', 'Outputs.Topic'] }, stack);
  }
});

test('the mailer names the set by whose rules Amazon SES sends nothing more to addresses that bounced or complained', () => {
  const { Set: set, Bounces, Complaints } = mail.Resources;
  assert.deepEqual(set.Properties.SuppressionOptions, { SuppressedReasons: ['BOUNCE', 'COMPLAINT'] });
  assert.equal(set.Properties.ReputationOptions.ReputationMetricsEnabled, true);
  assert.deepEqual(mail.Outputs.Name.Value, { Ref: 'Set' });
  const given = api.Resources.Background.Properties.Parameters.ConfigurationSet;
  assert.deepEqual(given, { 'Fn::If': ['HasSes', { 'Fn::GetAtt': ['Mail', 'Outputs.Name'] }, ''] });
  assert.equal(api.Resources.Mail.Condition, 'HasSes');
  assert.deepEqual(variables('mailer').MAIL_CONFIGURATION_SET, { Ref: 'ConfigurationSet' });
  // The alarms ring before SES reviews the account.
  for (const [{ Properties }, metric, review] of [[Bounces, 'Reputation.BounceRate', 0.05], [Complaints, 'Reputation.ComplaintRate', 0.001]]) {
    assert.deepEqual([Properties.MetricName, Properties.Dimensions], [metric, [{ Name: 'ses:configuration-set', Value: { Ref: 'Set' } }]]);
    assert.ok(Properties.Threshold < review, metric);
  }
});

test('users and their ways in, and nothing else, are copied to the vault of the other region, which has the key too', () => {
  const { Plan, Selection } = backup.Resources;
  assert.deepEqual(Selection.Properties.BackupSelection.Resources, [{ Ref: 'Users' }, { Ref: 'UserIdentities' }]);
  const { Condition, Properties: { Parameters: given } } = api.Resources.Backup;
  assert.equal(Condition, 'HasStandby');
  const { Outputs } = expanded('infra/data.yaml');
  for (const table of ['Users', 'UserIdentities']) {
    assert.deepEqual(given[table], { 'Fn::GetAtt': ['Data', `Outputs.${table}`] });
    assert.equal([Outputs[table].Value['Fn::GetAtt']].flat().join('.'), `${table}.Arn`);
  }
  const { Key, Vault } = expanded('infra/standby.yaml').Resources;
  const [{ ScheduleExpression, CopyActions: [{ DestinationBackupVaultArn: vault }] }] = Plan.Properties.BackupPlan.BackupPlanRule;
  assert.match(ScheduleExpression, /^cron\(\d+ \d+ \* \* \? \*\)$/, 'each day');
  assert.equal(vault['Fn::Sub'].split(':backup-vault:')[1], Vault.Properties.BackupVaultName['Fn::Sub']);
  assert.ok(vault['Fn::Sub'].includes(':backup:${Standby}:'));
  assert.deepEqual([Key.Type, Key.Properties.PrimaryKeyArn], ['AWS::KMS::ReplicaKey', { Ref: 'PrimaryKey' }]);
  assert.deepEqual(Vault.Properties.EncryptionKeyArn, { 'Fn::GetAtt': ['Key', 'Arn'] });
  assert.ok(Vault.Properties.LockConfiguration.MinRetentionDays >= 7);
  assert.deepEqual(expanded('infra/key.yaml').Resources.Key.Properties.MultiRegion, { Ref: 'MultiRegion' });
  assert.deepEqual(api.Resources.Key.Properties.Parameters, { MultiRegion: { Ref: 'MultiRegionKey' } });
});

test('each stage of samconfig.toml gives every parameter that has to be given, and no other', () => {
  const stages = parse(readFileSync(join(ROOT, 'samconfig.toml'), 'utf8'));
  const { Parameters } = api;
  for (const [name, { deploy }] of Object.entries(stages).filter(([, stage]) => stage.deploy)) {
    for (const override of deploy.parameters.parameter_overrides) assert.match(override, /^\w+=([^ "]+|"[^"]+")$/, 'as SAM reads it');
    const given = deploy.parameters.parameter_overrides.map((override) => override.split('=')[0]).concat('Version', 'Architecture');
    const needed = Object.keys(Parameters).filter((parameter) => Parameters[parameter].Default === undefined);
    assert.deepEqual(needed.filter((parameter) => !given.includes(parameter)), [], name);
    assert.deepEqual(given.filter((parameter) => !(parameter in Parameters)), [], name);
  }
});

test('the dashboard and the alarms show metrics that functions count', () => {
  const source = readFileSync(join(ROOT, 'shared/logs/src/metric.rs'), 'utf8');
  const counted = new Set([...source.matchAll(/"([a-z_]+)"/g)].map(([, name]) => name));
  const filtered = resources(observe, 'AWS::Logs::MetricFilter').map(({ Properties }) => Properties.MetricTransformations[0].MetricName);
  const alarms = resources(observe, 'AWS::CloudWatch::Alarm').map(({ Properties }) => Properties);
  const own = alarms.filter(({ Namespace }) => Namespace?.Ref === 'Stack').map(({ MetricName }) => MetricName);
  const body = JSON.parse(observe.Resources.Dashboard.Properties.DashboardBody['Fn::Sub'][0].replace('${OfCache}', '').replace(/\$\{[\w:]+\}/g, 'x'));
  const shown = body.widgets.flatMap(({ properties: { metrics = [] } }) => {
    let namespace;
    return metrics.flatMap(([first, metric]) => {
      if (typeof first !== 'string' || first === '...') return [];
      namespace = first === '.' ? namespace : first;
      return namespace === 'x' ? [metric] : [];
    });
  });
  assert.ok(own.length >= 4 && shown.length >= 10, `${own} ${shown}`);
  for (const metric of [...own, ...shown]) assert.ok(counted.has(metric) || filtered.includes(metric), metric);
  // A search that finds nothing shows nothing, and nothing tells. So each function is named.
  const named = (title) => {
    const { properties: { metrics } } = body.widgets.find(({ properties }) => properties.title.startsWith(title));
    return metrics.map((metric) => metric.at(-1).replace(/^x-/, ''));
  };
  assert.deepEqual(named('Duration of a request'), Object.keys(functions(api)).sort());
  assert.deepEqual(named('Concurrent executions'), folders());
  assert.ok(!JSON.stringify(body).includes('SEARCH('));
});

test('every alarm tells somebody what to do', () => {
  const operations = readFileSync(join(ROOT, 'docs/operations.md'), 'utf8');
  const text = JSON.stringify([failures, observe, mail, backup]);
  const pages = [...text.matchAll(/operations\.md, \\+"([^"\\]+)\\+"/g)].map(([, page]) => page);
  assert.ok(pages.length >= 10, pages.join());
  for (const page of pages) assert.ok(operations.includes(`# ${page}\n`), `docs/operations.md has no "${page}"`);
});

const MALFORMED = 'not/a/prefix';

function variables(name) {
  return deployed[name].Properties.Environment.Variables;
}

// A value without the names by which one template refers to the other's values.
function plain(_, value) {
  const same = { 'AWS::StackName': 'Stack' }[value?.Ref];
  if (same) return { Ref: same };
  if (value?.['Fn::If']?.[0] === 'HasGoogle' && value['Fn::If'][1] === 'google') return { Ref: 'Providers' };
  const { 'Fn::Sub': sub } = value ?? {};
  if (Array.isArray(sub)) return { 'Fn::Sub': sub[0].replace('${Secret}', '${CachePassword}').replace('${Address}', '${CacheAddress}') };
  return value;
}

// Whether a statement is about KMS, not about a table.
function wraps(statement) {
  return 'Fn::If' in statement;
}

// session-token -> SessionToken
function policyOf(name) {
  return name.split('-').map((word) => word[0].toUpperCase() + word.slice(1)).join('');
}

function line({ function: name, action, table, index, attributes }) {
  return [name, action, index ? `${table}/${index}` : table, attributes].join(' ');
}

// What a function prints when it refuses to start with these variables.
function refusal(name, environment) {
  const { stdout } = spawnSync(join(binaries(), name), { env: { AWS_EC2_METADATA_DISABLED: 'true', ...environment }, encoding: 'utf8', timeout: 10_000 });
  const lines = stdout.split('\n').filter(Boolean).map((text) => JSON.parse(text));
  const refused = lines.find(({ message }) => message === 'the function refuses to start');
  assert.ok(refused, `${name} starts: ${stdout}`);
  return refused;
}

// DynamoDB is the region's, and Mozilla's authorities vouch for every server: variables that lead elsewhere are for
// `make dev` and tests, and no deployment sets them.
const ELSEWHERE = ['AWS_ENDPOINT_URL_DYNAMODB', 'SSL_CERT_FILE'];

// The names of the variables that a function reads, if one provider is configured.
function settingsOf(name) {
  const { reads } = refusal(name, { OIDC_PROVIDERS: 'google', TABLE_PREFIX: MALFORMED });
  const names = reads.split(/, ?/);
  // The pages ask no store and no provider.
  for (const variable of name === 'pages' ? [] : ELSEWHERE) assert.ok(names.includes(variable), `${name} checks where it is led`);
  return names.filter((variable) => !ELSEWHERE.includes(variable)).sort();
}
