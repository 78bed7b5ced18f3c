// The version of this package, put in by the build.

declare const __MINIBROWSER_VERSION__: string | undefined

export const VERSION: string = typeof __MINIBROWSER_VERSION__ === 'string' ? __MINIBROWSER_VERSION__ : 'unbuilt'
