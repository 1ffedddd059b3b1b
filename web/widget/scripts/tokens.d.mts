import type { Plugin } from 'vite';

export function tokens(file: string): Plugin;
export function rules(css: string, source: string): string;
