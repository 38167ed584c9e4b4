package trust

import (
	"encoding/json"
	"fmt"
	"go/ast"
	goparser "go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	conditionOperators = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html"
	webIdentityKeys    = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif"
	setOperators       = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html"
)

// documentationOnly are the rules that rest on AWS's documentation alone: operators, kinds of keys and combinations of
// which no recorded answer is known, each with the page. Every other one must have a recorded vector in the corpus.
var documentationOnly = map[string]string{
	"NumericLessThanEquals":     conditionOperators + "#Conditions_Numeric",
	"NumericGreaterThan":        conditionOperators + "#Conditions_Numeric",
	"NumericGreaterThanEquals":  conditionOperators + "#Conditions_Numeric",
	"DateLessThan":              conditionOperators + "#Conditions_Date",
	"DateLessThanEquals":        conditionOperators + "#Conditions_Date",
	"DateGreaterThan":           conditionOperators + "#Conditions_Date",
	"DateGreaterThanEquals":     conditionOperators + "#Conditions_Date",
	"ArnEquals":                 conditionOperators + "#Conditions_ARN",
	"ArnNotEquals":              conditionOperators + "#Conditions_ARN",
	"ForAllValues:Null":         setOperators,
	"ForAnyValue:Null":          setOperators,
	"the audience":              webIdentityKeys,
	"the original audience":     webIdentityKeys,
	"aws:FederatedProvider":     userGuide + "reference_policies_condition-keys.html#condition-keys-federatedprovider",
	"sts:TransitiveTagKeys":     userGuide + "reference_policies_iam-condition-keys.html#condition-keys-sts",
	"sts:SourceIdentity":        userGuide + "reference_policies_iam-condition-keys.html#condition-keys-sts",
	"the claim amr holds a set": setOperators,
}

// userGuide is that of IAM.
const userGuide = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"

// kinds are the kinds of condition keys in words.
var kinds = map[keyKind]string{
	neverFilled: "a key that STS does not fill", claimKey: "a claim", audienceKey: "the audience",
	originalAudKey: "the original audience", federatedKey: "aws:FederatedProvider",
	sessionNameKey: "sts:RoleSessionName", accountKey: "aws:PrincipalAccount", principalTypeKey: "aws:PrincipalType",
	userIDKey: "aws:userid", byIdpKey: "sts:RoleAuthorizedByIdp", requestTagKey: "aws:RequestTag",
	tagKeysKey: "aws:TagKeys", transitiveKey: "sts:TransitiveTagKeys", sourceIdentityKey: "sts:SourceIdentity",
	requestKey: "a key of the call",
}

// recordedRows are the rows of each fixture that the corpus has, and how many of them test each rule.
func recordedRows(t *testing.T) (rows map[string][]string, rules map[string]int) {
	t.Helper()
	files, err := filepath.Glob("../../tests/corpus/evaluation/recorded_*.json")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	rows, rules = map[string][]string{}, map[string]int{}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var vectors []struct {
			Policy           json.RawMessage
			Source, Recorded string
		}
		if err := json.Unmarshal(raw, &vectors); err != nil {
			t.Fatal(file, err)
		}
		for _, v := range vectors {
			fixture := filepath.Base(v.Source)
			rows[fixture] = append(rows[fixture], v.Recorded)
			policy, err := ParsePolicy(v.Policy)
			if err != nil {
				continue // a document that IAM refuses
			}
			for _, s := range policy.Statements {
				for i, c := range s.Conditions {
					count(rules, c.Operator, &s.tests[i])
				}
			}
		}
	}
	return rows, rules
}

// count adds what one condition of a recorded vector tests.
func count(rules map[string]int, name string, t *test) {
	quantifier, base, quantified := strings.Cut(name, ":")
	if !quantified {
		base, quantifier = quantifier, ""
	}
	plain, ifExists := strings.CutSuffix(base, "IfExists")
	rules[plain]++
	rules[kinds[t.key.kind]]++
	if quantified {
		rules[quantifier]++
		if plain == "Null" {
			rules[name]++
		}
	}
	if ifExists {
		rules["IfExists"]++
	}
	if t.variables {
		rules["policy variables"]++
	}
	if t.key.claim == "amr" {
		rules["the claim amr holds a set"]++
	}
}

func TestEveryOperatorAndKeyIsRecordedOrSaysThatItIsDocumentationOnly(t *testing.T) {
	_, recorded := recordedRows(t)
	rules := []string{"ForAnyValue", "ForAllValues", "IfExists", "policy variables", "ForAllValues:Null",
		"ForAnyValue:Null", "the claim amr holds a set"}
	for name := range operators {
		rules = append(rules, name)
	}
	for kind := range keyKind(keyKinds) {
		if kinds[kind] == "" {
			t.Errorf("the kind of key %d has no name in this test", kind)
		}
		rules = append(rules, kinds[kind])
	}
	slices.Sort(rules)
	for _, rule := range rules {
		page, documented := documentationOnly[rule]
		switch {
		case recorded[rule] > 0 && documented:
			t.Errorf("%s is recorded now: take it out of documentationOnly", rule)
		case recorded[rule] > 0:
			t.Logf("%s: %d recorded vectors", rule, recorded[rule])
		case strings.HasPrefix(page, "https://docs.aws.amazon.com/"):
			t.Logf("%s: documentation only, %s", rule, page)
		default:
			t.Errorf("%s: there is neither a recorded vector nor a page of AWS in documentationOnly", rule)
		}
	}
	for rule := range documentationOnly {
		if !slices.Contains(rules, rule) {
			t.Errorf("documentationOnly has %q, which is no rule", rule)
		}
	}
}

// ruleFunctions are the functions that re-state what AWS does, and not how this package is built.
var ruleFunctions = regexp.MustCompile(`^(refused.+|judge|judgeNull|satisfies|lower|next|truth|readable|parseDecimal|` +
	`parseInstant|parseAddress|parseNetwork|` +
	`listedRoles|isRole|authorizedByIdp|ParseClaims|base64|find|components|parseSegments)$`)

var (
	ruleEvidence = regexp.MustCompile(`(Recorded|Documentation only|Sources?( of the [a-z]+)?):\s`)
	fixtureRows  = regexp.MustCompile(`(condition_[a-z]+\.json),\s+rows ([^:;]*?)(?:\.\n|[;:]|\z)`)
	rowRange     = regexp.MustCompile(`(\d+)(?: to (\d+))?`)
	inBrackets   = regexp.MustCompile(`\([^)]*\)`)
)

func TestEveryRuleOfTheEvaluatorNamesItsEvidence(t *testing.T) {
	rows, _ := recordedRows(t)
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found, ranges := 0, 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := goparser.ParseFile(token.NewFileSet(), file, nil, goparser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, declaration := range parsed.Decls {
			function, ok := declaration.(*ast.FuncDecl)
			if !ok || !ruleFunctions.MatchString(function.Name.Name) {
				continue
			}
			found++
			if !ruleEvidence.MatchString(function.Doc.Text()) {
				t.Errorf("%s: %s names neither a recorded fixture (Recorded: ...) nor a page (Source: ..., "+
					"Documentation only: ...)", file, function.Name.Name)
			}
		}
		for _, comment := range parsed.Comments {
			for _, cited := range fixtureRows.FindAllStringSubmatch(comment.Text(), -1) {
				for _, r := range rowRange.FindAllStringSubmatch(inBrackets.ReplaceAllString(cited[2], ""), -1) {
					ranges++
					for _, row := range []string{r[1], r[2]} {
						if row != "" && !has(rows[cited[1]], row) {
							t.Errorf("%s names row %s of %s, which the corpus has not", file, row, cited[1])
						}
					}
				}
			}
		}
	}
	if found < 20 || ranges < 20 {
		t.Errorf("only %d functions and %d ranges of rows were found", found, ranges)
	}
}

// has reports that the corpus has the row, or one of the three beside it that its fixture asked with it.
func has(rows []string, row string) bool {
	n, _ := strconv.Atoi(row)
	for near := n - 3; near <= n+3; near++ {
		if slices.Contains(rows, fmt.Sprintf("observations[%d]", near)) {
			return true
		}
	}
	return false
}
