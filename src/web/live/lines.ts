// A response that goes on, as the JSON documents of its lines.

/** Hands over each document as it comes; resolves when the response has ended. @throws TypeError when it broke off */
export async function readLines(
  response: Response,
  onLine: (document: unknown) => void,
): Promise<void> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (reader === undefined) return;
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (rest + value).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(JSON.parse(line));
  }
}
