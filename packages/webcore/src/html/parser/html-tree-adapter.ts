// parse5's default tree with ears: tells the document parser of each element as it is made, closed or given attributes.
// Upstream: WebCore/html/parser/HTMLConstructionSite.cpp, its place in the pipeline.

import { defaultTreeAdapter } from 'parse5'
import type { DefaultTreeAdapterMap, DefaultTreeAdapterTypes, TreeAdapter } from 'parse5'

export interface HTMLTreeObserver {
  /** Called before the element is attached; `parent` is where it will go. Attributes are complete, children are not there. */
  didCreateElement(
    element: DefaultTreeAdapterTypes.Element,
    parent: DefaultTreeAdapterTypes.ParentNode,
    isInTemplate: boolean,
  ): void
  /** Called when the element's end is known, so that its text is complete. */
  didFinishElement(element: DefaultTreeAdapterTypes.Element): void
  /** Called when a second `<html>` or `<body>` tag added attributes to the element. */
  didAdoptAttributes(element: DefaultTreeAdapterTypes.Element): void
}

type Element = DefaultTreeAdapterTypes.Element
type ParentNode = DefaultTreeAdapterTypes.ParentNode
type ChildNode = DefaultTreeAdapterTypes.ChildNode

/** A tree adapter that builds parse5's default tree and reports to `observer`. */
export function createHTMLTreeAdapter(observer: HTMLTreeObserver): TreeAdapter<DefaultTreeAdapterMap> {
  return {
    ...defaultTreeAdapter,
    onElementCreated(element, context) {
      observer.didCreateElement(element, context.intendedParent, context.isInTemplate)
    },
    onItemPop(item) {
      if (defaultTreeAdapter.isElementNode(item)) observer.didFinishElement(item)
    },
    adoptAttributes(recipient, attributes) {
      defaultTreeAdapter.adoptAttributes(recipient, attributes)
      observer.didAdoptAttributes(recipient)
    },
    // Foster parenting inserts before a table, which is the last child as a rule: searching from the end keeps it linear.
    insertBefore(parent: ParentNode, node: ChildNode, reference: ChildNode) {
      const at = parent.childNodes.lastIndexOf(reference)
      parent.childNodes.splice(at, 0, node)
      node.parentNode = parent
    },
  }
}

/** The value of an attribute, or null. Only attributes without a namespace, or XLink's `href`, are seen. */
export function attribute(element: Element, name: string): string | null {
  for (const { name: candidate, value, prefix } of element.attrs) {
    if (candidate === name && (prefix === undefined || prefix === '' || prefix === 'xlink')) return value
  }
  return null
}

/** The text directly inside an element, as `<style>` and `<title>` hold it. */
export function textContent(element: Element): string {
  let text = ''
  for (const child of element.childNodes) if (defaultTreeAdapter.isTextNode(child)) text += child.value
  return text
}
