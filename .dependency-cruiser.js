// What eslint.config.mjs cannot see: circles of imports, those of types alone included, and imports that go round a folder's index.
const folderWithIndex = "^provider/(drift|codegen)/";

module.exports = {
  forbidden: [
    {
      name: "no-circular",
      comment:
        "Two files that import each other, over any number of others, cannot be understood one after the other.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "through-the-index",
      comment: "What a folder offers to others stands in its index.",
      severity: "error",
      from: { pathNot: `${folderWithIndex}` },
      to: { path: folderWithIndex, pathNot: `${folderWithIndex}index\\.ts$` },
    },
    {
      name: "sdk-entries",
      comment:
        "The provider imports sdk/ through its index, or sdk/internal.ts; the command line also through the emulator's index.",
      severity: "error",
      from: { path: "^provider/" },
      to: { path: "^sdk/", pathNot: "^sdk/(index|internal|emulator/index)\\.ts$" },
    },
    {
      name: "emulator-index",
      comment: "The client does not know the emulator.",
      severity: "error",
      from: { path: "^sdk/", pathNot: "^sdk/emulator/" },
      to: { path: "^sdk/emulator/" },
    },
    {
      name: "packages-are-bundled",
      comment:
        "Users install no package but Pulumi: the build bundles all others into thirdParty.ts, and the native provider as a whole.",
      severity: "error",
      from: {
        path: "^(provider|sdk)/.*\\.ts$",
        pathNot: "/thirdParty\\.ts$|^provider/hosts/(plugin|wire)\\.ts$",
      },
      to: { path: "node_modules", pathNot: "node_modules/@pulumi/pulumi/" },
    },
    {
      name: "operations-without-pulumi",
      comment:
        "The native provider is a process of its own, which contains no Pulumi program: only provider/program and native load Pulumi.",
      severity: "error",
      from: { path: "^provider/", pathNot: "^provider/(program|native)/" },
      to: {
        path: "node_modules/@pulumi/pulumi/",
        pathNot: "node_modules/@pulumi/pulumi/proto/",
        dependencyTypesNot: ["type-only"],
      },
    },
    {
      name: "small-provider",
      comment: "The provider never loads the packages of the command line.",
      severity: "error",
      from: { path: "^provider/", pathNot: "^provider/(cli|codegen|drift)/" },
      to: { path: "^provider/thirdParty\\.ts$" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
  },
};
