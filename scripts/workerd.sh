#!/bin/sh
# Miniflare starts this file in place of workerd. It joins pieces of a long line again and again, so
# a long console line of a tenant would stop every tenant; scripts/console-lines.ts reads the lines.
exec "$WHARF_WORKERD" "$@" >"$WHARF_CONSOLE"
