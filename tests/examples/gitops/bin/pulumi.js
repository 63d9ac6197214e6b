require("../../../register");
require("./pulumi.ts");
