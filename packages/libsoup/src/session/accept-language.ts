// The value of Accept-Language for the languages the machine is set up for. Called by Session when `acceptLanguageAuto`
// is set. RFC 9110 section 12.5.4. Upstream: libsoup/soup-session.c (soup_get_accept_languages_from_system).

/** In this order the first that is set counts; the first of all may hold several (POSIX, gettext). */
const VARIABLES = ['LANGUAGE', 'LC_ALL', 'LC_MESSAGES', 'LANG'] as const

/** More would only be weighed alike. */
const MAX_LANGUAGES = 20

/** For example `de-at, de;q=0.9, en;q=0.8`; `en` when the environment names no language. */
export function systemAcceptLanguage(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  const setting = VARIABLES.map((name) => environment[name]).find((value) => value !== undefined && value !== '') ?? ''
  const tags = new Set(setting.split(':').flatMap(languageTags))
  if (tags.size === 0) tags.add('en')
  return [...tags].slice(0, MAX_LANGUAGES).map(weighted).join(', ')
}

/** `de_AT.UTF-8@euro` is `de-at`, and `de` as well. */
function languageTags(locale: string): string[] {
  const match = /^([a-z]{2,8})(?:_([a-z]{2,8}))?(?:[.@]|$)/i.exec(locale)
  if (match === null || match[1] === 'POSIX') return []
  const language = (match[1] as string).toLowerCase()
  return match[2] === undefined ? [language] : [`${language}-${match[2].toLowerCase()}`, language]
}

/** Nine steps of a tenth, then a tenth of that each, so that none comes to nothing. */
function weighted(tag: string, index: number): string {
  if (index === 0) return tag
  const quality = index < 10 ? 1 - index / 10 : 0.1 - (index - 9) / 1000
  return `${tag};q=${Number(quality.toFixed(3))}`
}
