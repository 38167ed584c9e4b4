// Package naive decides whether an IAM role's trust policy lets a web identity token
// assume the role. It is written from AWS's documentation alone, as simply as possible,
// to check the product's own engine against: it shares no code and no author with it.
//
// # Rules, and where AWS states them
//
// All pages are under https://docs.aws.amazon.com/IAM/latest/UserGuide/ .
//
//   - Grammar, elements, one value or a list, no key twice in an object:
//     reference_policies_grammar.html
//   - Version absent means 2008-10-17, which has no policy variables ("${" is literal):
//     reference_policies_elements_version.html, reference_policies_variables.html
//   - Effect is Allow or Deny, case-sensitive: reference_policies_elements_effect.html
//   - A Deny that applies overrides every Allow; nothing that applies is a denial:
//     reference_policies_evaluation-logic.html
//   - Principal, no partial wildcards: reference_policies_elements_principal.html .
//     NotPrincipal is an error in a trust policy: access-analyzer-reference-policy-checks.html
//   - Action and NotAction, case-insensitive, * and ?: reference_policies_elements_action.html,
//     reference_policies_elements_notaction.html
//   - A trust policy has no Resource or NotResource (an error here):
//     access-analyzer-reference-policy-checks.html
//   - Empty lists and objects are allowed (they are "suggestions"): an empty action or
//     principal applies to nothing; an empty value list
//     with ForAllValues or IfExists is true for a missing key alone, with ForAnyValue it is
//     never true; ForAllValues:Null is always true, ForAnyValue:Null always false;
//     NullIfExists is an error: access-analyzer-reference-policy-checks.html
//   - Operators AND, keys AND, values OR, values of a negated operator NOR:
//     reference_policies_condition-logic-multiple-context-keys-or-values.html
//   - Every operator, a missing key (false; true for a negated operator; true with
//     IfExists), IfExists, Null: reference_policies_elements_condition_operators.html
//   - Key names are case-insensitive: reference_policies_elements_condition.html
//   - ForAllValues (true if the key is missing or only an empty string), ForAnyValue
//     (false then, for negated operators as well), negated operators under them (all /
//     at least one of the request's values is none of the policy's):
//     reference_policies_condition-single-vs-multi-valued-context-keys.html and the
//     operators page; the empty string: reference_policies_multi-value-conditions.html
//   - Variables, in String and Arn operators only; ${*} ${?} ${$}; ${key, 'default'}; a
//     variable without a value: StringEquals, StringLike "do not match, and the policy
//     statement does not take effect", StringNotEquals, StringNotLike "do match against a
//     null value"; a multivalued key is no variable: reference_policies_variables.html
//   - Keys of a token (aud, sub, amr, email, oaud; azp in place of aud; those of known
//     issuers): reference_policies_iam-condition-keys.html#condition-keys-wif
//   - Tags claim, nested and flattened, single values: id_session-tags.html
//
// # Where AWS is silent or contradicts itself, and the choice made here
//
//  1. Principal "*" and {"AWS": "*"}: they authorise no web identity, but in a Deny they
//     refuse it (AWS's sample resource control policies deny AssumeRoleWithWebIdentity to
//     "*").
//  2. NotPrincipal in a trust policy: the policy checks refuse it, its own page allows it.
//     Refused here.
//  3. {"Federated": "*"}: the checks refuse it; here it is any provider. A partial
//     wildcard ("arn:aws:iam::*:...") is a plain string.
//  4. A variable without a value as one of several values of a positive operator: the whole
//     element is false (the table of the operators page; "causes the statement to be
//     invalid"). For a negated operator that value is equal to nothing. A missing key of
//     the element itself is looked at first. IfExists is about the element's key alone.
//  5. A variable of a key with several values, or none: no value; the default is used if
//     there is one. Whether a key is multivalued is judged by the request's values, so a
//     list of one is a value. An empty string is a value.
//  6. * and ? that come out of a variable or its default are literal in StringLike and Arn.
//  7. Malformed variables (no closing brace, empty, a space in the name, a default not
//     written ", 'text'") make the document malformed. A default ends at the first '}.
//  8. Variables with Bool: the operators page supports them, the other two pages do not.
//     Literal text here, as in Numeric, Date, Binary, IpAddress and Null.
//  9. Several values in the request and no set operator ("requires a set operator"): as
//     ForAnyValue; negated, none of them may match.
//  10. ForAnyValue with IfExists and a missing key: true ("evaluate the condition element as
//     true"), though ForAnyValue alone is false.
//  11. ForAllValues:StringNotLike and a missing key: true by the text; one table of the
//     operators page, which contradicts its own first row, says no match.
//  12. An empty string in the request is "null" for ForAllValues and ForAnyValue (stated)
//     and, so that Null false guards against it, for Null; for plain operators it is a value.
//  13. An empty value list without qualifier: positive false, negated true (a present key;
//     the checks say "returns true" and "no permissions" in one breath). An empty Condition
//     or operator object is as if absent ("the statement has no effect", says one sentence).
//  14. Values that do not parse (a word in NumericEquals): no match, so the negated
//     operator matches. Numbers may have a sign and an exponent and are compared exactly.
//  15. Bool and Null take "true" and "false" in any case; any other text never matches.
//  16. Dates: a year, month or day is the instant it begins (UTC); a bare four-digit number
//     is a year, other digits are epoch seconds; a time needs its zone.
//  17. BinaryEquals: both sides are base64 (the table shows the request's value so), compared decoded.
//  18. IPv6 without a prefix: that address (the page says /32 for all). Bits beyond the prefix
//     are ignored. An IPv4-mapped IPv6 address is not IPv4.
//  19. Arn: the pattern and the value need six components; "*" alone matches nothing. A
//     variable is replaced before the pattern is split.
//  20. ? is one Unicode code point; IgnoreCase is Unicode simple case folding.
//  21. Operator and element names are case-sensitive. An unknown one is an error; an unknown
//     action, Sid repeated, or a key without a colon is not.
//  22. Keys that differ in case within one operator are two conditions, both must hold. Tags
//     that differ in case are one key with both values.
//  23. azp counts if it is a non-empty string. oaud is always the aud claim, never azp or a
//     claim called oaud. A null claim, an object and an empty list make no key.
//  24. SubPath, Domain and the like in AWS's issuer patterns: SubPath and EnterpriseName any
//     text, the others any text without a slash; case-sensitive. google/organization_number is that claim, or
//     organization_number in the object google.
//  25. sts:RoleAuthorizedByIdp is false if the roles claim does not name the role (STS then
//     refuses before any policy is evaluated; that refusal is not made here). The same goes
//     for other checks of the token: signature, times, client ID, several audiences.
//  26. A token with tags needs sts:TagSession as well, one with a source identity
//     sts:SetSourceIdentity; DecideAction answers for one action alone.
//  27. sts:SourceIdentity and sts:TransitiveTagKeys are filled from the token as well. A key
//     in Context replaces the one from the token.
package naive
