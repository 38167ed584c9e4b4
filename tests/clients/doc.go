// Package clients runs what users run: the pipelines that the product prints, each as its CI system would run it, and
// the clients that exchange a token, against the local AWS. What no registry has (GitHub's action, the tasks of Azure
// DevOps) is done step by step here, and says of which version it is. The pipelines run with a version of the
// AWS CLI that keeps sessions by role alone, as version 2 does: one that relied on the CLI's chain would fail.
package clients
