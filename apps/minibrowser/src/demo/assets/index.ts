// The whole site in one list.
// Called by demo-site.ts.

import type { DemoAsset } from '../demo-asset.ts'
import { images } from './images.ts'
import { media } from './media.ts'
import { page } from './page.ts'
import { scripts } from './scripts.ts'
import { stylesheets } from './stylesheets.ts'

/** Everything the site serves, made when called: pictures are drawn and the font is put together here. */
export function demoAssets(): readonly DemoAsset[] {
  return [page(), ...stylesheets(), ...scripts(), ...images(), ...media()]
}
