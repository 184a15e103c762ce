/**
 * The look. Constructable style sheets: no inline style, no <style> element. Pages restyle through custom properties and
 * parts (see element.ts). Colours follow the page's own `color-scheme`.
 */
import type { CSSResult } from 'lit'
import { capture } from './capture.ts'
import { contrast } from './contrast.ts'
import { frame } from './frame.ts'
import { intro } from './intro.ts'
import { light } from './light.ts'
import { motion } from './motion.ts'
import { settled } from './settled.ts'

/** In the order of the cascade. */
export const styles: CSSResult[] = [frame, intro, capture, light, settled, motion, contrast]
