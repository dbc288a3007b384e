//! Plural rules as gettext writes them: `nplurals=2; plural=(n != 1);`, a C expression of one number.

use std::fmt;

mod expression;

use self::expression::Expression;

/// A language has no more forms than these; Arabic has six.
const MAX_FORMS: usize = 32;

/// The longest rule. That of Arabic has about 120 octets.
const MAX_LENGTH: usize = 1000;

/// Which form of a text belongs to a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PluralRule {
    forms: usize,
    expression: Expression,
}

impl PluralRule {
    /// Reads the value of the field `Plural-Forms`.
    pub(super) fn parse(text: &str) -> Result<Self, PluralError> {
        if text.len() > MAX_LENGTH {
            return Err(PluralError::TooLong);
        }
        let mut forms = None;
        let mut expression = None;
        for part in text.split(';') {
            let Some((name, value)) = part.split_once('=') else {
                continue;
            };
            match name.trim() {
                "nplurals" => {
                    let number = value.trim().parse().ok();
                    forms = number.filter(|number| (1..=MAX_FORMS).contains(number));
                    forms.ok_or(PluralError::Forms)?;
                }
                "plural" => expression = Some(Expression::parse(value)?),
                _ => {}
            }
        }
        Ok(Self {
            forms: forms.ok_or(PluralError::Forms)?,
            expression: expression.ok_or(PluralError::Missing)?,
        })
    }

    /// The rule of catalogues that name none: that of English.
    pub(super) fn germanic() -> Self {
        Self {
            forms: 2,
            expression: Expression::not_one(),
        }
    }

    /// Returns the form for a number; `None` if the rule names one that there is not, or divides by zero.
    pub(super) fn form(&self, number: u64) -> Option<usize> {
        let form = usize::try_from(self.expression.value(number)?).ok()?;
        (form < self.forms).then_some(form)
    }
}

/// Why a rule cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PluralError {
    TooLong,
    Forms,
    Missing,
    TooDeep,
    Syntax { at: usize },
}

impl fmt::Display for PluralError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => write!(f, "Plural-Forms is longer than {MAX_LENGTH} octets"),
            Self::Forms => write!(f, "Plural-Forms: nplurals is not 1 to {MAX_FORMS}"),
            Self::Missing => f.write_str("Plural-Forms has no plural="),
            Self::TooDeep => f.write_str("Plural-Forms: the expression is nested too deeply"),
            Self::Syntax { at } => write!(f, "Plural-Forms: syntax error at octet {at}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn forms(rule: &str, expected: &[(u64, usize)]) {
        let rule = PluralRule::parse(rule).unwrap();
        for &(number, form) in expected {
            assert_eq!(rule.form(number), Some(form), "{number}");
        }
    }

    #[test]
    fn rules_of_languages_choose_their_forms() {
        forms("nplurals=2; plural=(n != 1);", &[(0, 1), (1, 0), (2, 1)]);
        forms("nplurals=2; plural=n>1;", &[(0, 0), (1, 0), (2, 1)]);
        forms("nplurals=1; plural=0;", &[(0, 0), (7, 0)]);
        forms(
            "nplurals=3; plural=n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && \
             (n%100<10 || n%100>=20) ? 1 : 2",
            &[(1, 0), (2, 1), (5, 2), (11, 2), (21, 0), (112, 2), (122, 1)],
        );
        forms(
            "nplurals=6; plural=n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 \
             : n%100>=11 ? 4 : 5;\n",
            &[
                (0, 0),
                (1, 1),
                (2, 2),
                (3, 3),
                (110, 3),
                (11, 4),
                (199, 4),
                (100, 5),
                (202, 5),
            ],
        );
    }

    #[test]
    fn operators_bind_as_in_c() {
        forms("nplurals=32; plural=1+2*3-4/2%3", &[(0, 5)]);
        forms("nplurals=32; plural=!n+!!n*2", &[(0, 1), (5, 2)]);
        forms("nplurals=32; plural=10-3-2", &[(0, 5)]);
        forms("nplurals=32; plural=1<2==1&&0||n>=3", &[(0, 0), (3, 1)]);
    }

    #[test]
    fn wrong_rules_say_what_is_wrong() {
        let error = |rule: &str| PluralRule::parse(rule).unwrap_err();
        assert_eq!(error(""), PluralError::Forms);
        assert_eq!(error("nplurals=0; plural=0"), PluralError::Forms);
        assert_eq!(
            error("nplurals=99999999999999999999; plural=0"),
            PluralError::Forms
        );
        assert_eq!(error("nplurals=2"), PluralError::Missing);
        assert_eq!(error(&" ".repeat(MAX_LENGTH + 1)), PluralError::TooLong);
        let nested = format!("nplurals=2; plural={}n", "(".repeat(200));
        assert_eq!(error(&nested), PluralError::TooDeep);
        for wrong in [
            "", "n n", "(n", "n)", "m", "n ?", "n ? 1", "1 +", "n = 1", "n & 1", "é",
        ] {
            let rule = format!("nplurals=2; plural={wrong}");
            assert!(
                matches!(error(&rule), PluralError::Syntax { .. }),
                "{wrong}"
            );
        }
    }

    #[test]
    fn forms_that_are_not_there_are_none() {
        let rule = |text: &str| PluralRule::parse(text).unwrap();
        assert_eq!(rule("nplurals=2; plural=n").form(2), None);
        assert_eq!(rule("nplurals=2; plural=1/n").form(0), None);
        assert_eq!(rule("nplurals=2; plural=1%n").form(0), None);
        assert_eq!(rule("nplurals=2; plural=n*n*n").form(u64::MAX), None);
    }

    proptest! {
        #[test]
        fn any_text_is_a_rule_or_an_error(text in "[n0-9?:|&=!<>+*/%() -]{0,80}", n: u64) {
            if let Ok(rule) = PluralRule::parse(&format!("nplurals=3; plural={text}")) {
                prop_assert!(rule.form(n).is_none_or(|form| form < 3));
            }
        }
    }
}
