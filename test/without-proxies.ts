// Tests connect to their own servers, whatever proxies the machine that runs them is set up for; those that are about
// proxies set what they need.

for (const name of Object.keys(process.env)) {
  if (/_proxy$/i.test(name) || name === 'XDG_CURRENT_DESKTOP') Reflect.deleteProperty(process.env, name)
}
