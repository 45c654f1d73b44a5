"""The rules on a deal rather than on goods, tried for one regime: countries, users, end uses, routes."""

from dataclasses import replace

from knowledge.conditions.deal import Deal
from knowledge.logic import Truth
from knowledge.model import Confidence, Finding, Outcome, Status, Step
from knowledge.rulebook.book import RuleBook
from knowledge.timeline import standing


def deal_rules(look: Deal, index: int, book: RuleBook, regime: str) -> tuple[list[Finding], list[Finding], list[Step]]:
    """The deal rules: those that apply, those that an open fact decides, and the trace of all."""
    sure: list[Finding] = []
    unsure: list[Finding] = []
    steps: list[Step] = []
    neutral = replace(look.transaction, end_use=None)
    ruled_out: list[Finding] = []
    for rule in book.restrictions:
        if rule.regime != regime:
            continue
        result = rule.when.test(look)
        steps.append(Step(rule.id, result.truth, why(result.step), (result.step,) if result.truth is not False else ()))
        measure = standing(rule.timeline, look.on)
        if measure is None:
            continue
        if result.truth is False:
            # A ban that the stated civil use keeps away is still shown: it returns with another user.
            if rule.when.test(replace(look, transaction=neutral)).truth is None and rule.outcome is Outcome.PROHIBITED:
                ruled_out.append(
                    Finding(
                        rule.id,
                        False,
                        measure.status,
                        Outcome.NO_LICENCE_FOUND,
                        rule.reference,
                        measure,
                        index,
                        because="ruled_out",
                    )
                )
            continue
        finding = Finding(
            rule=rule.id,
            truth=result.truth,
            status=measure.status,
            outcome=outcome_of(True, measure.status, rule.outcome),
            reference=rule.reference,
            measure=measure,
            good=index,
            missing=() if result.truth else result.missing,
            confidence=least_sure(rule.confidence, measure.confidence),
        )
        (sure if result.truth else unsure).append(finding)
    return sure, [*unsure, *ruled_out], steps


def outcome_of(truth: Truth, status: Status, effect: Outcome) -> Outcome:
    """What a rule brings about: its effect where it surely applies and stands, a question where either is open."""
    if truth is False or status in (Status.SUSPENDED, Status.NOT_YET_EFFECTIVE, Status.REPEALED):
        return Outcome.NO_LICENCE_FOUND
    if truth is None or status is Status.SUSPENSION_LAPSED:
        return Outcome.NEEDS_MORE_INFO
    return effect


def least_sure(a: Confidence, b: Confidence) -> Confidence:
    """Unconfirmed where either is."""
    return Confidence.UNCONFIRMED if Confidence.UNCONFIRMED in (a, b) else Confidence.CONFIRMED


def why(step: Step) -> str:
    """The leaf that decided, in a few words."""
    if not step.children:
        return f"{step.label}: {_word(step.truth)}" + (f" ({step.why})" if step.why else "")
    for child in step.children:
        if child.truth is step.truth:
            return why(child)
    return step.label


def _word(truth: Truth) -> str:
    return {True: "yes", False: "no", None: "not known"}[truth]
