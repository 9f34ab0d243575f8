// Compiles each JSON Schema (2020-12) of a JSON object on stdin with Ajv in its strict mode; prints the errors by name.
const { createRequire } = require("node:module");
const load = createRequire(process.env.HEYGEN_ASYNC_NODE_MODULES + "/");
const Ajv = load("ajv/dist/2020").default;

const errors = {};
for (const [name, schema] of Object.entries(JSON.parse(require("node:fs").readFileSync(0, "utf8")))) {
  try {
    new Ajv({ strict: true }).compile(schema);
  } catch (error) {
    errors[name] = error.message;
  }
}
console.log(JSON.stringify(errors));
