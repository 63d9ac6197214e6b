require("../register");
require("./index.ts");
