#!/usr/bin/env node
// What the engine starts as `pulumi-resource-random`.
require("../../register");
require("./randomPlugin.ts");
