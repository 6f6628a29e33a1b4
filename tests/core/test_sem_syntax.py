"""The model text: what it means, and where it is wrong."""

import pytest

from coastal_hm_plugin.core.errors import InputError
from coastal_hm_plugin.core.sem.specification import SpecificationOptions, specify
from coastal_hm_plugin.core.sem.syntax import parse


def said(text):
    return [(one.lhs, one.op, one.rhs) for one in parse(text).relations]


def completed(text, **options):
    found = specify(parse(text), SpecificationOptions(**options))
    return {(one.lhs, one.op, one.rhs): one.fixed for one in found.relations}, found


def test_statements_end_at_lines_and_semicolons_and_go_on_after_signs():
    text = """
    # the measurement model
    soil =~ Cd + Pb   ! cadmium and lead
          + Ni
    sediment =~
        OM +

        pH; sediment ~ soil
    """
    assert said(text) == [
        ("soil", "=~", "Cd"),
        ("soil", "=~", "Pb"),
        ("soil", "=~", "Ni"),
        ("sediment", "=~", "OM"),
        ("sediment", "=~", "pH"),
        ("sediment", "~", "soil"),
    ]


def test_modifiers():
    text = 'f =~ NA*x1 + -0.5*x2 + a*x3 + start(0.8)*x4 + "b c"*x5 + start(-1)*x6 + d*x6 + 2e-1*e*x7 + equal("a")*x8'
    x1, x2, x3, x4, x5, x6, x7, x8 = parse(text).relations
    assert x1.free and x2.fixed == -0.5 and x3.label == "a" and x4.start == 0.8 and x5.label == "b c"
    assert (x6.start, x6.label) == (-1.0, "d")
    assert (x7.fixed, x7.label) == (0.2, "e")
    assert x8.label == "a"


def test_several_left_sides_intercepts_and_odd_names():
    assert said("y1 + y2 ~ 1 + `Cd (mg/kg)`") == [
        ("y1", "~1", "1"),
        ("y1", "~", "Cd (mg/kg)"),
        ("y2", "~1", "1"),
        ("y2", "~", "Cd (mg/kg)"),
    ]
    (only,) = parse("y ~ 0.5*1").relations
    assert (only.op, only.fixed) == ("~1", 0.5)
    assert said("Höhe.m ~ x_1") == [("Höhe.m", "~", "x_1")]


def test_defaults_of_sem():
    model, found = completed("f =~ a + b + c\ng =~ d + e + h\ng ~ f + x\ny ~ x\nf ~~ z\nz ~~ z")
    assert model["f", "=~", "a"] == 1.0 and model["g", "=~", "d"] == 1.0
    assert model["f", "=~", "b"] is None
    assert model["g", "~~", "y"] is None  # two outcomes that predict nothing
    assert ("f", "~~", "g") not in model and ("f", "~~", "x") not in model
    assert found.exogenous == ("x",) and found.observed[-1] == "x"
    assert not any(op == "~1" for _, op, _ in model)


def test_exogenous_latents_covary_and_scale():
    model, _ = completed("f =~ a + b\ng =~ c + d\nh =~ e", std_lv=True, means=True)
    assert model["f", "~~", "g"] is None and model["g", "~~", "h"] is None
    assert model["f", "=~", "a"] is None and model["f", "~~", "f"] == 1.0
    assert model["e", "~~", "e"] == 0.0  # alone, it has no error that could be told apart
    assert model["a", "~1", "1"] is None and model["f", "~1", "1"] == 0.0


def test_a_covariate_that_the_text_mentions_is_modelled():
    _, found = completed("y ~ x1 + x2\nx1 ~~ x1")
    assert found.exogenous == ("x2",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("soil =~ Cd + \nwater = Pb", r"line 2, column 7: '=' is not supported"),
        ("soil =~ Cd +", r"line 1, column 13: A variable expected, the end of the statement found"),
        ("soil =~ Cd Pb", r"line 1, column 12: '\+' or a new line expected, 'Pb' found"),
        ("soil =~ Cd\n  y ~ 2", r"line 2, column 7: '\*' and a variable expected after 2; an intercept"),
        ("soil =~ Cd & Pb", r"line 1, column 12: '&' has no meaning here"),
        ("just words", r"line 1, column 1: A statement needs one of"),
        ("f =~ c(1, 2)*x", r"line 1, column 6: c\(...\) gives values for several groups"),
        ("f =~ log(x)*x", r"line 1, column 6: 'log\(' is not a modifier"),
        ("f =~ x + y\nf =~ z + x", r"line 2, column 10: 'f =~ x' stands already in line 1"),
        ("a ~~ b\nb ~~ a", r"line 2, column 6: 'b ~~ a' stands already in line 1"),
        ("x ~ x", r"column 5: 'x ~ x': a variable cannot stand on both sides"),
        ("f =~ a*b*x", r"column 8: A second label 'b' beside 'a'"),
        ("f =~ a*x + b*x", r"column 14: A second label 'b' beside 'a'"),
        ("f <~ x", r"column 3: '<~' is not supported"),
        ("y ~ x | z", r"column 7: '\|' is not supported"),
        ("q := a*", r"column 8: A label or number expected, the end"),
        ("q := (a+b", r"column 10: '\)' expected"),
        ("q := sin(a)", r"column 6: 'sin' is not a function"),
        ("y ~ a*x\nq := a\nq := a", r"line 3, column 1: 'q' is defined twice"),
        ("y ~ -x", r"column 6: A number expected after '-'"),
        ("   \n # nothing", r"The model text is empty"),
    ],
)
def test_wrong_text_is_named_with_its_place(text, message):
    with pytest.raises(InputError, match=message):
        parse(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("y ~ a*x\nq := a*b", r"line 2, column 8: 'b' is not a label of this model \(labels: a\)"),
        ("y ~ a*x\na := a", r"line 2, column 1: 'a' is already a label"),
        ("y ~ x\nk == 1", r"line 2, column 1: 'k' is not a label of this model \(labels: none\)"),
    ],
)
def test_labels_must_exist(text, message):
    with pytest.raises(InputError, match=message):
        specify(parse(text))
