// Which media types a page can use: decides between sources, and what is a script at all. Asked by the document parser.
// Upstream: WebCore/platform/MIMETypeRegistry.cpp and dom/ScriptElement.cpp. HTML standard, "prepare the script element".

const IMAGE_TYPES = new Set([
  'image/apng',
  'image/avif',
  'image/bmp',
  'image/gif',
  'image/jpeg',
  'image/jpg',
  'image/png',
  'image/svg+xml',
  'image/vnd.microsoft.icon',
  'image/webp',
  'image/x-icon',
])

const MEDIA_TYPES = new Set([
  'application/ogg',
  'application/vnd.apple.mpegurl',
  'application/x-mpegurl',
  'audio/aac',
  'audio/flac',
  'audio/mp3',
  'audio/mp4',
  'audio/mpeg',
  'audio/ogg',
  'audio/wav',
  'audio/wave',
  'audio/webm',
  'audio/x-wav',
  'video/mp4',
  'video/ogg',
  'video/webm',
])

const JAVASCRIPT_TYPES = new Set([
  'application/ecmascript',
  'application/javascript',
  'application/x-ecmascript',
  'application/x-javascript',
  'text/ecmascript',
  'text/javascript',
  'text/javascript1.0',
  'text/javascript1.1',
  'text/javascript1.2',
  'text/javascript1.3',
  'text/javascript1.4',
  'text/javascript1.5',
  'text/jscript',
  'text/livescript',
  'text/x-ecmascript',
  'text/x-javascript',
])

export function isSupportedImageMIMEType(type: string): boolean {
  return IMAGE_TYPES.has(essence(type))
}

/** Whether a `<source>` of this type may be tried; parameters such as `codecs` are not looked at. */
export function isSupportedMediaMIMEType(type: string): boolean {
  return MEDIA_TYPES.has(essence(type))
}

/** Types shown as their text: text/*, JSON, XML and JavaScript. */
export function isTextMIMEType(type: string): boolean {
  return (
    type.startsWith('text/') ||
    /^application\/(json|xml|manifest\+json|yaml|toml|sql|graphql)$/.test(type) ||
    /\+(json|xml)$/.test(type) ||
    JAVASCRIPT_TYPES.has(type)
  )
}

/** @returns What a `<script>` of these attributes is, or null when it is data that nobody loads, an import map included. */
export function scriptKind(type: string | null, language: string | null): 'classic' | 'module' | null {
  const wanted = type !== null ? type : language !== null && language !== '' ? `text/${language}` : ''
  if (wanted === '') return 'classic'
  const trimmed = wanted.trim().toLowerCase()
  if (trimmed === 'module') return 'module'
  return JAVASCRIPT_TYPES.has(trimmed) ? 'classic' : null
}

function essence(type: string): string {
  return (type.split(';')[0] ?? '').trim().toLowerCase()
}
