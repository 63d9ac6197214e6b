// Loaded into the provider host before anything else. The host never ends by itself: this ends it when whoever started it
// is gone, however that came about, since then nobody holds the other end of its standard input.
process.stdin.on("end", () => process.exit(1)).resume();
