// Stands in for modules that Pulumi loads and the tests never use: see engine/standIn/deferred.js.
module.exports = {};
