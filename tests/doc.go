// Package tests is the module of everything that checks the product and is not part of it: the local AWS, the stand-in
// AWS plugin, the local issuers, the schemas of the CI systems' pipeline files, and the tests that run the real engine,
// the real CLI and the real SDKs.
package tests
