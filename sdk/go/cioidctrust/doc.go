// CI OIDC Trust (ci-oidc-trust): an AWS role that the CI jobs you name may assume with their OIDC token: no stored AWS keys, and the trust is proved before the role exists.
package cioidctrust
