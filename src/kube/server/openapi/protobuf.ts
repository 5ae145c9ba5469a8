// OpenAPI version 2 in the only form that kubectl reads it: protocol buffers of gnostic's
// openapiv2/OpenAPIv2.proto. Field numbers are that file's. Only what our documents hold is written;
// of paths nothing is, since kubectl takes kinds and fields from the definitions.

import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../../json.ts';

/** The media type of the answer (kube-openapi pkg/handler); kubectl asks for it with '@v1.0', which is no media type. */
export const SWAGGER_PROTOBUF_TYPE = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;

type Bytes = readonly number[];

function varint(value: number): Bytes {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    const low = rest % 128;
    if (rest < 128) return [...bytes, low];
    bytes.push(low + 128);
  }
}

function tag(field: number, wireType: number): Bytes {
  return varint(field * 8 + wireType);
}

function bytes(field: number, content: Bytes): Bytes {
  return [...tag(field, BYTES), ...varint(content.length), ...content];
}

function text(field: number, value: JsonValue | undefined): Bytes {
  if (typeof value !== 'string') return [];
  return bytes(field, [...new TextEncoder().encode(value)]);
}

function double(field: number, value: JsonValue | undefined): Bytes {
  if (typeof value !== 'number') return [];
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value, true);
  return [...tag(field, FIXED64), ...new Uint8Array(view.buffer)];
}

/** Any { yaml = 2 }; JSON is YAML. */
function any(field: number, value: JsonValue): Bytes {
  return bytes(field, text(2, `${JSON.stringify(value)}\n`));
}

/** A list of { name = 1, value = 2 }. */
function named(
  field: number,
  map: JsonValue | undefined,
  write: (value: JsonValue) => Bytes,
): Bytes {
  if (!isJsonObject(map)) return [];
  return Object.entries(map).flatMap(([name, value]) => [
    ...bytes(field, [...text(1, name), ...write(value)]),
  ]);
}

function schema(value: JsonValue): Bytes {
  if (!isJsonObject(value)) return [];
  const { additionalProperties, items, required, type } = value;
  const extensions = Object.fromEntries(
    Object.entries(value).filter(([key]) => key.startsWith('x-')),
  );
  return [
    ...text(1, value.$ref),
    ...text(2, value.format),
    ...text(4, value.description),
    ...double(7, value.maximum),
    ...double(9, value.minimum),
    ...text(13, value.pattern),
    ...(isJsonArray(required) ? required.flatMap((each) => [...text(19, each)]) : []),
    ...(isJsonArray(value.enum) ? value.enum.flatMap((each) => [...any(20, each)]) : []),
    // AdditionalPropertiesItem { schema = 1 }, TypeItem { value = 1 }, ItemsItem { schema = 1 }.
    ...(additionalProperties === undefined
      ? []
      : bytes(21, bytes(1, schema(additionalProperties)))),
    ...(type === undefined ? [] : bytes(22, text(1, type))),
    ...(items === undefined ? [] : bytes(23, bytes(1, schema(items)))),
    ...(value.properties === undefined
      ? []
      : bytes(
          25,
          named(1, value.properties, (each) => bytes(2, schema(each))),
        )),
    ...named(31, extensions, (each) => any(2, each)),
  ];
}

/** A version 2 document (swaggerDocument) as protocol buffers. */
export function swaggerProtobuf({ definitions, info, swagger }: JsonObject): Uint8Array {
  const { title, version } = isJsonObject(info) ? info : {};
  return Uint8Array.from([
    ...text(1, swagger),
    ...bytes(2, [...text(1, title), ...text(2, version)]),
    // Paths: there, and empty.
    ...tag(8, BYTES),
    VARINT,
    ...bytes(
      9,
      named(1, definitions, (each) => bytes(2, schema(each))),
    ),
  ]);
}
