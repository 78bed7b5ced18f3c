// The texts of --help and --version.

export const HELP = `Usage: minibrowser [OPTION…] [URI]

Loads a page and all it needs through a sandboxed WebProcess and a
NetworkProcess, then shows the page's text and where the time went. Without a
URI it loads its built-in demo site.

  -h, --headless            load, report, exit (default when piped)
      --output=FORMAT       on stdout: text (default), html, har, json, none
      --har=FILE            also write an HTTP Archive
      --waterfall=FILE      also write the waterfall as an HTML page
      --tls-backend=NAME    openssl or gnutls (default $GIO_USE_TLS or openssl)
      --ca-file=FILE        also trust the authorities in this PEM file
      --ignore-tls-errors   accept any certificate
      --user-agent=TEXT     what to call ourselves
      --header='NAME: VAL'  send this header with the page's request; repeatable
      --method=METHOD       of the page's request (GET, or POST with --data)
      --data=BODY           body of the page's request
      --timeout=SECONDS     give up when the page has not loaded by then
      --trace               show every step of every load on stderr, by layer
      --no-sandbox          run without a sandbox, where none can be had
      --help                show this text
  -v, --version             show the version

Exit status: 0 loaded, 1 failed (domain, code and a sentence on stderr), 2 bad
usage.
`
