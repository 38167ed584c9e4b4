// Package naive decides whether an IAM role's trust policy lets a web identity token
// assume the role. It is written from AWS's documentation and from recorded answers of AWS, as simply as possible, to
// check the product's own engine against: it shares no code and no author with it. Where a recording and the
// documentation differ, the recording is followed: recorded_test.go and recorded_token_test.go replay it.
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
//   - ForAllValues (true if the key is missing), ForAnyValue (false then, for negated
//     operators as well), negated operators under them (all / at least one of the request's
//     values is none of the policy's):
//     reference_policies_condition-single-vs-multi-valued-context-keys.html and the operators page
//   - Variables, in String and Arn operators only; ${*} ${?} ${$}; ${key, 'default'}; a
//     variable without a value: StringEquals, StringLike "do not match, and the policy
//     statement does not take effect", StringNotEquals, StringNotLike "do match against a
//     null value"; a multivalued key is no variable: reference_policies_variables.html
//   - Keys of a token (aud, sub, amr, email, oaud; azp in place of aud; those of known
//     issuers): reference_policies_iam-condition-keys.html#condition-keys-wif
//   - Tags claim, nested and flattened, single values: id_session-tags.html
//
// # Rules that AWS does not state, or states otherwise, and was seen to follow
//
// The fixtures are those of https://github.com/radkawar/stackd at commit 9dc356f.
//
//   - A multivalued key that is there makes every operator without a set prefix false, negated and IfExists as well,
//     with one value too. Set operators compare an empty string like any other; Null asks whether the key is there, an
//     empty value is: condition_sets.json
//   - A variable of a multivalued key has no value and takes no default: condition_sets.json
//   - IgnoreCase compares lower case, with the final sigma, and only within the Basic Multilingual Plane; ? is one
//     UTF-16 unit: condition_strings.json
//   - Numbers may have leading zeros, a plus, a bare point, an exponent, and are compared exactly. Dates may lack
//     their zone (UTC) and are compared to the millisecond. Text that is neither is unequal: the negated operator
//     matches. Whatever is not "true" in some letter case is false, for Bool and Null, in the policy as well. A
//     BinaryEquals of something other than base64 makes the policy malformed: condition_values.json
//   - A value of the request that is no ARN matches neither operator. A value of the policy that is none ends the
//     comparison: an Allow does not apply then, a Deny does: condition_values.json
//   - How addresses are read, see parseAddress and inRange; one that cannot be read matches neither operator:
//     condition_ip.json
//   - The caller's account is the provider's, its type User, its id the provider's ARN: aws-trust.json
//   - Tokens that are refused before a policy is read, see Refuse, CheckClaims and CheckRoles: aws.json,
//     aws-roles.json
//
// # Where AWS is silent or contradicts itself, and the choice made here
//
//  1. Principal "*" and {"AWS": "*"}: they authorise no web identity, but in a Deny they refuse it (AWS's sample
//     resource control policies deny AssumeRoleWithWebIdentity to "*").
//  2. NotPrincipal in a trust policy: the policy checks refuse it, its own page allows it. Refused here.
//  3. {"Federated": "*"}: the checks refuse it; here it is any provider. A partial wildcard ("arn:aws:iam::*:...") is
//     a plain string.
//  4. A variable without a value as one of several values of a positive operator: the whole element is false (the
//     table of the operators page; "causes the statement to be invalid"). For a negated operator that value is equal
//     to nothing. A missing key of the element itself is looked at first. IfExists is about the element's key alone.
//  5. Multivalued by nature are aws:TagKeys, sts:TransitiveTagKeys and amr; any other key is if the request has not
//     exactly one value for it. A variable of one by nature has no value even if the key is missing. An empty string
//     is a value.
//  6. * and ? that come out of a variable or its default are literal in StringLike and Arn.
//  7. Malformed variables (no closing brace, empty, a space in the name, a default not written ", 'text'") make the
//     document malformed. A default ends at the first '}.
//  8. Variables with Bool: the operators page supports them, the other two pages do not. Literal text here, as in
//     Numeric, Date, Binary, IpAddress and Null.
//  9. A list without texts in amr is a set without members: it is there, ForAllValues is true of it and no other
//     operator is.
//  10. ForAnyValue with IfExists and a missing key: true ("evaluate the condition element as true"), though ForAnyValue
//     alone is false.
//  11. ForAllValues:StringNotLike and a missing key: true by the text; one table of the operators page, which
//     contradicts its own first row, says no match.
//  12. An operand that is no ARN, under a set operator: a value of the request that meets it decides, if none
//     before did.
//  13. An empty value list without qualifier: positive false, negated true (a present key; the checks say "returns
//     true" and "no permissions" in one breath). An empty Condition or operator object is as if absent ("the statement
//     has no effect", says one sentence).
//  14. A number needs a digit before its point, and an exponent has three digits at most.
//  15. White space is part of every value.
//  16. Dates: a year, month or day is the instant it begins (UTC); a bare four-digit number is a year, other digits,
//     with or without a sign, are epoch seconds.
//  17. BinaryEquals: both sides are base64 (the table shows the request's value so), compared decoded.
//  18. An address has no zone. IPv6 without a prefix: that address.
//  19. Arn: the pattern and the value need six components; "*" alone is no ARN. A variable is replaced before the
//     pattern is split.
//  20. A lone surrogate is U+FFFD.
//  21. Operator and element names are case-sensitive. An unknown one is an error; an unknown action, Sid repeated, or a
//     key without a colon is not.
//  22. Keys that differ in case within one operator are two conditions, both must hold. Tags that differ in case are
//     one key with both values.
//  23. azp counts if it is a string (STS refuses others, and an empty one). oaud is always the aud claim, never azp or
//     a claim called oaud. A null claim, an object and an empty list (but in amr) make no key.
//  24. SubPath, Domain and the like in AWS's issuer patterns: SubPath and EnterpriseName any text, the others any text
//     without a slash; case-sensitive. google/organization_number is that claim, or organization_number in the object
//     google.
//  25. Decide looks at the policy alone, Refuse at the token alone: STS lets a token in if neither objects, its
//     signature is the issuer's and its audience one of the provider's. Of several things wrong with a token, Refuse
//     names the first.
//  26. A token with tags needs sts:TagSession as well, one with a source identity sts:SetSourceIdentity; DecideAction
//     answers for one action alone.
//  27. sts:SourceIdentity and sts:TransitiveTagKeys are filled from the token as well. A key in Context replaces the
//     one from the token.
package naive
