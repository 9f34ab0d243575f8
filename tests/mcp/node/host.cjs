// A host with the TypeScript SDK's client and its default time limit of 60 s, and a model that follows the notes.
// node host.cjs URL ARGUMENTS: creates a video, waits for it, downloads it, and prints each response as a line of JSON.
const { createRequire } = require("node:module");
const load = createRequire(process.env.HEYGEN_ASYNC_NODE_MODULES + "/");
const { Client } = load("@modelcontextprotocol/sdk/client/index.js");
const { StreamableHTTPClientTransport } = load("@modelcontextprotocol/sdk/client/streamableHttp.js");

function nextCall({ data, note }) {
  if (note) {
    const [, name, key, value] = note.match(/[Cc]all (\w+) with (\w+)="?(\w+)/);
    return { name, arguments: { [key]: value } };
  }
  if (data.video_url) return { name: "download_video", arguments: { video_id: data.id } };
  return data.path ? null : { name: "wait_for_video", arguments: { video_id: data.video_id } };
}

async function main(url, given) {
  const client = new Client({ name: "host", version: "1" });
  await client.connect(new StreamableHTTPClientTransport(new URL(url)));
  await client.listTools(); // From now on the client checks each result against its output schema.
  let call = { name: "create_video_from_avatar", arguments: JSON.parse(given) };
  while (call) {
    const result = await client.callTool(call);
    if (result.isError) throw new Error(result.content[0].text);
    console.log(JSON.stringify(result.structuredContent));
    call = nextCall(result.structuredContent);
  }
  await client.close();
}

main(...process.argv.slice(2)).catch((error) => {
  console.error(String(error));
  process.exit(1);
});
