// The templates as CloudFormation gets them: the SAM transform is carried out, anchors and short forms are resolved.

import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './api.mjs';

const PYTHON = join(ROOT, '.local/sam/bin/python');

export function expanded(template) {
  if (!existsSync(PYTHON)) throw new Error('The SAM CLI is not installed here: make .local/sam/ready');
  const options = { cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 24, stdio: ['ignore', 'pipe', 'inherit'] };
  return JSON.parse(execFileSync(PYTHON, ['infra/checks/expand.py', template], options));
}

export const resources = (template, type) =>
  Object.entries(template.Resources).filter(([, { Type }]) => Type === type).map(([id, resource]) => ({ id, ...resource }));

// The functions of a template, by folder: `{ [folder]: { id, Properties } }`. A function without the name and the image
// of a folder is a fault.
export function functions(template) {
  return Object.fromEntries(resources(template, 'AWS::Lambda::Function').map((found) => {
    const { FunctionName, Code, PackageType } = found.Properties;
    const folder = FunctionName['Fn::Sub'].replace(/^\$\{(AWS::)?Stack(Name)?\}-/, '');
    const image = Code.ImageUri['Fn::Sub'];
    // The transform writes the default of a parameter where it knows one.
    const own = new RegExp(`:${folder}-\\$\\{Version\\}-(\\$\\{Architecture\\}|arm64)$`).test(image);
    if (PackageType !== 'Image' || !own) throw new Error(`${found.id} runs ${image}`);
    return [folder, found];
  }));
}

export const folders = () => readdirSync(join(ROOT, 'functions')).sort();

// The functions' calls to DynamoDB while their tests ran: `[{ function, action, table, index, attributes }]`.
export function recordedCalls() {
  const directory = join(ROOT, '.local/calls');
  if (!existsSync(directory)) throw new Error('No calls were recorded: make test runs the Rust tests before this');
  const text = readdirSync(directory).map((file) => readFileSync(join(directory, file), 'utf8')).join('');
  return [...new Set(text.split('\n').filter(Boolean))].map((line) => {
    const [name, action, table, read] = line.split(' ');
    const [attributes, index] = read.split('/');
    return { function: name, action, table, index, attributes };
    // Tests of the libraries have their own functions, whose crate is the test.
  }).filter(({ function: name }) => name !== 'suite');
}
