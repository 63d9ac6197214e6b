// Loaded into the provider host first. The host never ends by itself: this ends it when its parent has ended, which closes its
// standard input.
process.stdin.on("end", () => process.exit(1)).resume();
