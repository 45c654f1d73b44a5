"""The language model, where one is configured: it may read a question and word an answer, and nothing it says is trusted.

Nothing of LangChain is imported before `knowledge.llm.client` is asked for a model; no other module imports it.
"""
