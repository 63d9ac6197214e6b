// Lets Node run the TypeScript of the tests outside of Jest.
require("tsx/cjs");
