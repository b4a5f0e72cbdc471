// Makes src/openapi.ts, the types of REST, from the description that the server writes. `--check` only compares, with another
// description where one is named.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const DESCRIPTION = fileURLToPath(new URL('../../docs/openapi.json', import.meta.url));
const TYPES = fileURLToPath(new URL('src/openapi.ts', import.meta.url));
const HEAD = '/** The bodies of REST. Made from docs/openapi.json by `npm run openapi`: change the server, not this file. */\n';

/** One type a schema. Envelopes are left out: there the answer is opened before anything else is read. */
export function typesOf({ components: { schemas } }) {
  const names = Object.keys(schemas).filter((name) => !name.startsWith('Envelope_'));
  return [HEAD, ...names.sort().map((name) => `${comment(schemas[name], '')}export type ${name} = ${typeOf(schemas[name], '')};\n`)].join('\n');
}

function typeOf(schema, indent) {
  if (schema.$ref) {
    return schema.$ref.split('/').at(-1);
  }
  if (schema.enum) {
    return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  }
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices) {
    return choices.map((choice) => typeOf(choice, indent)).join(' | ');
  }
  return [schema.type].flat().map((type) => plainType(type, schema, indent)).join(' | ');
}

function plainType(type, schema, indent) {
  switch (type) {
    case 'string':
    case 'boolean':
    case 'null':
      return type;
    case 'integer':
    case 'number':
      return 'number';
    case 'array':
      return `(${typeOf(schema.items, indent)})[]`.replace(/^\((\w+)\)/, '$1');
    case 'object':
      return schema.properties ? objectType(schema, indent) : 'Record<string, unknown>';
    default:
      throw new Error(`A type that is not known: ${JSON.stringify(schema)}`);
  }
}

function objectType({ properties, required = [] }, indent) {
  const inner = `${indent}  `;
  const lines = Object.entries(properties).map(
    ([name, schema]) => `${comment(schema, inner)}${inner}${name}${required.includes(name) ? '' : '?'}: ${typeOf(schema, inner)};\n`,
  );
  return `{\n${lines.join('')}${indent}}`;
}

function comment({ description }, indent) {
  return description ? `${indent}/** ${description.replaceAll(/\s*\n\s*/g, ' ')} */\n` : '';
}

const [flag, description = DESCRIPTION] = process.argv.slice(2);
const types = typesOf(JSON.parse(readFileSync(description, 'utf8')));
if (flag !== '--check') {
  writeFileSync(TYPES, types);
} else if (readFileSync(TYPES, 'utf8') !== types) {
  console.error('docs/openapi.json has changed: run `npm --prefix web run openapi -w client`, and see what it means for src/wire.ts.');
  process.exit(1);
}
