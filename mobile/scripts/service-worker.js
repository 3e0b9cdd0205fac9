/* The shell of the app without a network. Requests to the API and to storage are not touched. */
const VERSION = '%VERSION%';
const FILES = ['%FILES%'];

const BASE = new URL('./', self.location.href).pathname;
const CACHE = `pegasus-${VERSION}`;
/** After this long without an answer the stored page is shown. */
const PATIENCE_MS = 3000;

self.addEventListener('install', (event) => {
  event.waitUntil(
    caches.open(CACHE).then((cache) =>
      // `reload`: past the browser's own cache, so that all files are of one version.
      cache.addAll(FILES.map((name) => new Request(BASE + (name === 'index.html' ? '' : name), { cache: 'reload' }))),
    ),
  );
});

// A new version takes over once no page of the old one is open: until then the old one finds its own files here.
self.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name.startsWith('pegasus-') && name !== CACHE).map((name) => caches.delete(name)))),
  );
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin || !url.pathname.startsWith(BASE)) return;
  event.respondWith(request.mode === 'navigate' ? page(request) : file(request));
});

/** The newest page while the server answers, so that an update is not one visit late. */
async function page(request) {
  const stored = () => caches.match(BASE, { cacheName: CACHE });
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
    return answer.ok ? answer : ((await stored()) ?? answer);
  } catch (error) {
    const found = await stored();
    if (found === undefined) throw error;
    return found;
  }
}

async function file(request) {
  return (await caches.match(request, { cacheName: CACHE })) ?? fetch(request);
}
