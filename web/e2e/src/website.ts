import { once } from 'node:events';
import { createServer, type Server as HttpServer } from 'node:http';

/** A customer's website: another origin, which carries the script tag under a policy as strict as it can be. */
export class Website {
  private constructor(
    readonly url: string,
    private readonly server: HttpServer,
  ) {}

  static async start(host: string, workspaceKey: string): Promise<Website> {
    const policy = `default-src 'none'; script-src ${host}; style-src 'self'; connect-src ${host}; base-uri 'none'; form-action 'none'`;
    const server = createServer((request, response) => {
      if (request.url === '/style.css') {
        response.writeHead(200, { 'content-type': 'text/css' }).end('body{font-family:sans-serif}');
      } else if (request.url === '/favicon.ico') {
        response.writeHead(204).end();
      } else {
        response
          .writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy })
          .end(page(host, workspaceKey));
      }
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (!address || typeof address === 'string') throw new Error('no port');
    return new Website(`http://127.0.0.1:${address.port}`, server);
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }
}

function page(host: string, workspaceKey: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>A strict website</title>
    <link rel="stylesheet" href="/style.css" />
    <script async src="${host}/widget.js" data-workspace="${workspaceKey}"></script>
  </head>
  <body><main><h1>A strict website</h1><p>Nothing runs here that the policy does not name.</p></main></body>
</html>`;
}
