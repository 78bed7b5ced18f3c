// What the page shows and tells: one card for each way a subresource can travel.
// Called by page.ts.

/** A card: a piece of HTML and the text below it. */
export interface Road {
  readonly title: string
  readonly html: string
  readonly text: string
}

function picture(src: string, alt: string, size: string): string {
  const [width, height] = size.split('x')
  return `<img src="${src}" alt="${alt}" width="${width}" height="${height}">`
}

/** The cards, in the order of the page. */
export const ROADS: readonly Road[] = [
  {
    title: 'A vector picture',
    html: picture('/images/stack.svg', 'The five layers of the stack, one below the other', '360x290'),
    text: 'The map of this site: each box is a package, and every resource on this page went down and up through all of them.',
  },
  {
    title: 'PNG',
    html: picture('/images/waterfall.png', 'A staircase of bars', '320x120'),
    text: 'Drawn by a function when the server started. A plain 200 with a Content-Length, the shortest road there is.',
  },
  {
    title: 'WebP',
    html: picture('/images/gradient.webp', 'A gradient with five bars', '96x96'),
    text: 'The same drawing as the next one, in another format: the type comes from Content-Type and not from the name.',
  },
  {
    title: 'JPEG',
    html: picture('/images/gradient.jpg', 'A gradient with five bars', '96x96'),
    text: 'Pictures are asked for with low priority, so styles and scripts overtake them in the queue.',
  },
  {
    title: 'GIF',
    html: picture('/images/dot.gif', 'A green dot', '48x48'),
    text: 'One pixel in 43 bytes. Its headers are longer than its body, which is why connections are kept open.',
  },
  {
    title: 'A long body',
    html: picture('/images/large.png', 'Coloured noise', '256x256'),
    text: 'About 190 kilobytes of noise. It crosses the process boundary in frames of up to 64 KiB, and only as fast as the page takes them.',
  },
  {
    title: 'A redirect',
    html: picture('/images/moved.svg', 'A badge reached by a redirect', '240x80'),
    text: 'The server answers 302 and the NetworkProcess follows, but only after checking the new address as it checked the first.',
  },
  {
    title: 'A cookie of the page',
    html: picture('/cookies/visit.svg', 'A badge that needs the cookie of the page', '240x80'),
    text: 'The page set a cookie. This picture is 403 Forbidden to whoever does not bring it back.',
  },
  {
    title: 'A cookie of a redirect',
    html: picture('/cookies/give', 'A badge that needs the cookie of the redirect before it', '240x80'),
    text: 'A redirect sets another cookie, and the address it leads to asks for that one.',
  },
  {
    title: 'A slow answer',
    html: picture('/images/slow.svg', 'A badge that took 300 milliseconds', '240x80'),
    text: 'The server waits 300 milliseconds before the first byte. In the waterfall it is the longest bar of waiting.',
  },
  {
    title: 'Chunks',
    html: picture('/images/chunked.svg', 'A field of coloured dots', '400x240'),
    text: 'Sent in six pieces with a pause after each, its length unknown until the last chunk.',
  },
  {
    title: 'Nothing there',
    html: picture('/images/missing.png', 'This picture does not exist', '240x80'),
    text: 'A 404. It is reported, and the page does not fail for it.',
  },
  {
    title: 'A preload',
    html: picture('/images/preloaded.svg', 'A badge asked for in the head of the page', '240x80'),
    text: 'A link in the head asks for it early; the picture here uses what came, instead of asking twice.',
  },
  {
    title: 'No network at all',
    html: picture(
      'data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22 width=%22240%22 height=%2280%22%3E%3Crect width=%22240%22 height=%2280%22 rx=%2212%22 fill=%22%2316324f%22/%3E%3C/svg%3E',
      'A dark rectangle',
      '240x80',
    ),
    text: 'A data: URI. It takes the same road through both processes and ends before any socket.',
  },
  {
    title: 'A font',
    html: '<p class="bars" aria-label="Five bars">&#xE001;&#xE002;&#xE003;&#xE004;&#xE005;</p>',
    text: 'Named by a style sheet and put together table by table when the server started; it has a glyph for each layer.',
  },
  {
    title: 'Sound and a poster',
    html:
      '<video poster="/media/poster.jpg" width="240" height="135" controls preload="none">' +
      '<source src="/media/tone.wav" type="audio/wav"><track src="/media/tone.vtt" srclang="en" label="English"></video>',
    text: 'The poster is a picture like any other. The tone behind it is asked for only when somebody presses play.',
  },
]
