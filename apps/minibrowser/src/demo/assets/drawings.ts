// The site's SVG pictures, as small functions of what they show.
// Listed by images.ts.

const FONT = 'font-family="system-ui, sans-serif"'

/** The processes and packages of the stack, one box below the other. */
export function stackSvg(): string {
  const layers: readonly (readonly [name: string, task: string, colour: string])[] = [
    ['webcore', 'WebProcess: documents and loaders', '#ff5a5f'],
    ['webkit-network-process', 'NetworkProcess: checks and loads', '#f9844a'],
    ['libsoup', 'HTTP: sessions, messages, cookies', '#f9c74f'],
    ['glib-gio', 'addresses, names, sockets', '#43aa8b'],
    ['glib-networking', 'TLS by OpenSSL or GnuTLS', '#277da1'],
  ]
  const boxes = layers.map(
    ([name, task, colour], at) =>
      `<g transform="translate(10 ${10 + at * 56})"><rect width="340" height="46" rx="8" fill="${colour}"/>` +
      `<text x="16" y="20" ${FONT} font-size="15" font-weight="700" fill="#fff">${name}</text>` +
      `<text x="16" y="37" ${FONT} font-size="12" fill="#fff">${task}</text></g>`,
  )
  return svg(360, 290, boxes.join(''))
}

/** A badge that names what its own request had to go through. */
export function badgeSvg(title: string, detail: string, colour: string): string {
  return svg(
    240,
    80,
    `<rect width="240" height="80" rx="12" fill="${colour}"/>` +
      `<text x="20" y="36" ${FONT} font-size="20" font-weight="700" fill="#fff">${title}</text>` +
      `<text x="20" y="60" ${FONT} font-size="13" fill="#fff">${detail}</text>`,
  )
}

/** A thin line of five colours, for the ends of sections. */
export function ruleSvg(): string {
  const colours = ['#ff5a5f', '#f9844a', '#f9c74f', '#43aa8b', '#277da1']
  const parts = colours.map((colour, at) => `<rect x="${at * 40}" width="40" height="4" fill="${colour}"/>`)
  return svg(200, 4, parts.join(''))
}

/** A picture long enough to be worth sending in pieces: a field of dots. */
export function dotsSvg(): string {
  const dots: string[] = []
  for (let row = 0; row < 24; row++) {
    for (let column = 0; column < 40; column++) {
      const hue = (row * 15 + column * 9) % 360
      dots.push(`<circle cx="${column * 10 + 5}" cy="${row * 10 + 5}" r="3" fill="hsl(${hue} 70% 55%)"/>`)
    }
  }
  return svg(400, 240, dots.join(''))
}

function svg(width: number, height: number, content: string): string {
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">` +
    `${content}</svg>\n`
  )
}
